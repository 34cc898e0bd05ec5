#pragma once

#include <tiffio.h>

#include <memory>
#include <string>
#include <vector>

#include "files/byte_source.hpp"
#include "files/file_bytes.hpp"

namespace conv {

/// The bytes of a TIFF file, read from any place by several threads at once.
class TiffBytes {
public:
    virtual ~TiffBytes() = default;
    virtual const std::string& name() const = 0;  ///< begins every error
    virtual std::int64_t size() const = 0;
    /// Bytes from `offset` on; fewer at the end alone. Throws Error{input}.
    virtual std::size_t read_at(std::int64_t offset, std::uint8_t* out,
                                std::size_t count) const = 0;
};

/// An open file; pipes are copied into an unnamed temporary file first.
std::unique_ptr<TiffBytes> tiff_bytes(std::unique_ptr<ByteSource> source);
/// A file in memory, which outlives the result.
std::unique_ptr<TiffBytes> tiff_bytes(ByteView bytes, std::string name);

struct CloseTiff {
    void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};

/// One of libtiff's readers; each thread needs its own.
class TiffHandle {
public:
    /// Opens `bytes`, which must outlive the handle, at the directory at `offset` (0: the first).
    /// Throws Error{input}.
    TiffHandle(const TiffBytes& bytes, std::uint64_t offset);
    ~TiffHandle();
    TiffHandle(TiffHandle&&) noexcept;
    TiffHandle& operator=(TiffHandle&&) noexcept;

    TIFF* get() const { return tiff_.get(); }

private:
    struct Client;
    std::unique_ptr<Client> client_;
    std::unique_ptr<TIFF, CloseTiff> tiff_;
};

/// From now on libtiff's messages are kept, not shown.
void keep_tiff_messages();

/// The last error that libtiff reported on this thread since the last call; may be empty.
std::string take_tiff_message();

/// Throws Error{input} with libtiff's last words.
[[noreturn]] void refuse_damaged_tiff(const std::string& name);

}  // namespace conv
