#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "files/tiff_tags.hpp"

namespace conv {

/// A directory and those that tags of it point to (EXIF, GPS).
struct TiffDirectory {
    TiffFields fields;
    std::map<std::uint16_t, TiffDirectory> children;

    bool empty() const { return fields.empty() && children.empty(); }
};

/// Puts directories into the bytes of a classic TIFF or a BigTIFF file, in either byte order.
class DirectoryWriter {
public:
    DirectoryWriter(bool big_tiff, bool big_endian) : big_(big_tiff), big_endian_(big_endian) {}

    /// The first bytes of a file whose first directory stands at `first`: 8, or 16 of a BigTIFF.
    std::vector<std::uint8_t> header(std::uint64_t first) const;
    /// The bytes of a directory, what its values take and its children, to stand at `at`, a
    /// multiple of 8; their number is one too.
    std::vector<std::uint8_t> directory(const TiffDirectory& directory, std::uint64_t at) const;
    /// Where in these bytes the offset of the next directory is, which is 0, and its value.
    std::size_t next_place(const TiffDirectory& directory) const;
    std::vector<std::uint8_t> offset(std::uint64_t value) const { return number(value, word()); }
    /// An offset, or a number of bytes, as this kind of file holds it.
    TiffField offsets(const std::vector<std::uint64_t>& values) const;

private:
    std::size_t word() const { return big_ ? 8 : 4; }
    std::size_t table_bytes(std::size_t entries) const;
    std::size_t own_bytes(const TiffFields& fields) const;
    std::vector<std::uint8_t> number(std::uint64_t value, std::size_t count) const;
    std::vector<std::uint8_t> in_file_order(const TiffField& field) const;
    std::vector<std::uint8_t> own_part(const TiffFields& fields, std::uint64_t at) const;

    bool big_, big_endian_;
};

}  // namespace conv
