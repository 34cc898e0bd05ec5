#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "files/formats/tiff/tiff_bytes.hpp"
#include "files/tiff_tags.hpp"

namespace conv {

/// One entry of a directory: where the values of a tag lie.
struct TiffEntry {
    std::uint16_t tag = 0;
    TiffType type = TiffType::undefined;
    std::uint64_t count = 0, value_at = 0;
};

struct TiffEntries {
    std::vector<TiffEntry> entries;
    std::uint64_t next = 0;  ///< offset of the next directory, 0: none

    const TiffEntry* find(std::uint16_t tag) const;
};

/// Reads directories as they stand in a file, tags that libtiff does not know included. Nothing in
/// the file is trusted: what lies outside it is absent.
class DirectoryParser {
public:
    /// `bytes` must outlive the parser. Throws Error{input} for what does not begin as a TIFF.
    explicit DirectoryParser(const TiffBytes& bytes);

    bool is_big() const { return big_; }
    bool is_big_endian() const { return big_endian_; }
    std::uint64_t first() const { return first_; }
    /// Nothing where no directory can be read.
    std::optional<TiffEntries> entries(std::uint64_t offset) const;
    /// Nothing for unknown types and for values outside the file or of more than kMostTagBytes.
    std::optional<TiffField> field(const TiffEntry& entry) const;
    std::optional<TiffField> field(const TiffEntries& entries, std::uint16_t tag) const;
    /// The first value of a tag as a whole number, or `otherwise`.
    std::uint64_t number(const TiffEntries& entries, std::uint16_t tag,
                         std::uint64_t otherwise) const;

    static constexpr std::int64_t kMostTagBytes = std::int64_t{64} << 20;

private:
    std::uint64_t number_at(const std::uint8_t* at, std::size_t count) const;

    const TiffBytes& bytes_;
    bool big_ = false, big_endian_ = false;
    std::uint64_t first_ = 0;
};

}  // namespace conv
