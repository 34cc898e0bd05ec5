#include "files/formats/tiff/row_decoder.hpp"

namespace conv {
namespace {

/// Strips above this are decoded row by row: more than what a row of large tiles takes.
constexpr std::int64_t kTallStrip = std::int64_t{4} << 20;

}  // namespace

std::unique_ptr<RowDecoder> row_decoder(const TiffPageSource& source) {
    const TiffPage& page = source.page;
    if (page.is_tiled) return block_row_decoder(source);
    if (page.compression == COMPRESSION_NONE) return plain_row_decoder(source);
    const TiffHandle tiff(source.bytes, source.offset);
    read_colour_mode(tiff.get(), page);
    const TiffBlocks blocks = blocks_of(tiff.get(), page, source.bytes.name());
    const bool tall = blocks.height > 1 && blocks.bytes > kTallStrip;
    return tall ? scanline_decoder(source) : block_row_decoder(source);
}

}  // namespace conv
