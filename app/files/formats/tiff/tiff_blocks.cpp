#include "files/formats/tiff/tiff_blocks.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/size.hpp"

namespace conv {

TiffBlocks blocks_of(TIFF* tiff, const TiffPage& page, const std::string& name) {
    TiffBlocks blocks;
    blocks.width = page.block_width;
    blocks.height = page.block_height;
    blocks.planes = page.separate_planes ? page.channels : 1;
    if (page.is_tiled) {
        blocks.row_bytes = TIFFTileRowSize(tiff);
        blocks.bytes = TIFFTileSize(tiff);
    } else {
        blocks.row_bytes = TIFFScanlineSize(tiff);
        blocks.bytes = TIFFVStripSize(tiff, static_cast<std::uint32_t>(blocks.height));
    }
    const std::int64_t samples = page.separate_planes ? 1 : page.channels;
    const bool sound = blocks.width > 0 && blocks.height > 0 &&
                       blocks.row_bytes >= ceil_div(blocks.width * samples * page.form.bits, 8) &&
                       blocks.bytes / blocks.row_bytes >= blocks.height;
    // A tile may exceed the picture, but not by any amount that a header can state.
    const std::int64_t most =
        (std::int64_t{64} << 20) + 8 * page.width * page.height * page.channels;
    if (!sound || blocks.bytes > most) {
        fail(ErrorKind::input, "{}: the TIFF is damaged: its strips or tiles have no sound size",
             name);
    }
    blocks.across = ceil_div(page.width, blocks.width);
    blocks.down = ceil_div(page.height, blocks.height);
    return blocks;
}

std::int64_t largest_stored_block(TIFF* tiff, const TiffBlocks& blocks) {
    std::uint64_t largest = 0;
    for (std::int64_t i = 0; i < blocks.planes * blocks.down * blocks.across; ++i) {
        largest = std::max(largest, TIFFGetStrileByteCount(tiff, static_cast<std::uint32_t>(i)));
    }
    return static_cast<std::int64_t>(std::min<std::uint64_t>(largest, INT64_MAX));
}

}  // namespace conv
