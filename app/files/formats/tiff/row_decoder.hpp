#pragma once

#include <memory>

#include "files/formats/tiff/row_placer.hpp"
#include "files/formats/tiff/tiff_blocks.hpp"
#include "tensor/rows.hpp"

namespace conv {

/// Decodes rows of one page as they are stored, in any order.
class RowDecoder {
public:
    virtual ~RowDecoder() = default;
    /// Rows that lie in `window`. Throws Error{input} for missing or damaged samples.
    virtual void decode(RowRange rows, const RowWindow& window) = 0;
    virtual std::int64_t memory_bytes() const = 0;
};

/// A page and what its decoders share.
struct TiffPageSource {
    const TiffBytes& bytes;
    std::uint64_t offset = 0;  ///< of its directory
    std::int64_t samples_later =
        0;  ///< bytes between the strips that the directory names and these
    TiffPage page;
    int threads = 0;  ///< 0: all cores
};

/// The decoder that suits the page: rows of uncompressed strips are read where they lie; strips too
/// tall to be kept are decoded row by row; other strips and tiles are decoded whole, in parallel.
std::unique_ptr<RowDecoder> row_decoder(const TiffPageSource& source);

/// The three of them; for uncompressed strips, strips, and strips or tiles.
std::unique_ptr<RowDecoder> plain_row_decoder(const TiffPageSource& source);
std::unique_ptr<RowDecoder> scanline_decoder(const TiffPageSource& source);
std::unique_ptr<RowDecoder> block_row_decoder(const TiffPageSource& source);

}  // namespace conv
