#include "files/formats/tiff/encoded_tiff_page.hpp"

#include "base/error.hpp"

namespace conv {
namespace {

/// Strips that are taller are not worth keeping: much would be encoded around a rectangle.
constexpr std::int64_t kTallestKept = std::int64_t{4} << 20;

/// Whether the samples of blocks are those that a reader gives.
bool is_plain(const TiffPageSource& source) {
    const TiffPage& page = source.page;
    return page.form.is_plain() && !page.is_palette() && !page.has_associated_alpha() &&
           page.orientation == 1 && !page.reversed_bits && source.samples_later == 0;
}

}  // namespace

std::shared_ptr<const EncodedTiffPage> EncodedTiffPage::open(const TiffPageSource& source) {
    if (!is_plain(source)) return nullptr;
    const TiffHandle tiff(source.bytes, source.offset);
    const TiffBlocks blocks = blocks_of(tiff.get(), source.page, source.bytes.name());
    if (!source.page.is_tiled && blocks.height > 1 && blocks.bytes > kTallestKept) return nullptr;
    std::shared_ptr<EncodedTiffPage> encoded(new EncodedTiffPage(source, blocks));
    const auto end = static_cast<std::uint64_t>(source.bytes.size());
    for (std::int64_t i = 0; i < blocks.planes * blocks.down * blocks.across; ++i) {
        const auto number = static_cast<std::uint32_t>(i);
        const std::uint64_t offset = TIFFGetStrileOffset(tiff.get(), number);
        const std::uint64_t size = TIFFGetStrileByteCount(tiff.get(), number);
        if (offset == 0 || size == 0 || offset > end || size > end - offset) return nullptr;
        encoded->offsets_.push_back(offset);
        encoded->sizes_.push_back(size);
    }
    return encoded;
}

std::optional<TiffLayout> EncodedTiffPage::agreed(TiffLayout layout,
                                                  const PictureInfo& picture) const {
    const TiffPage& page = source_.page;
    const bool several_bytes = layout.bits > 8;
    if (!layout.tiled && !page.is_tiled) {
        layout.block_height = blocks_.height;
        layout.down = blocks_.down;
    }
    const bool same = picture.shape.W == page.width && picture.shape.H == page.height &&
                      picture.shape.C == page.channels && picture.type == page.type() &&
                      layout.compression == page.compression &&
                      layout.predictor == page.predictor && layout.bits == page.form.bits &&
                      layout.photometric == page.photometric && layout.tiled == page.is_tiled &&
                      layout.block_width == blocks_.width &&
                      layout.block_height == blocks_.height && layout.planes == blocks_.planes &&
                      (!several_bytes || layout.big_endian == page.swapped_bytes);
    if (!same) return std::nullopt;
    return layout;
}

std::vector<std::uint8_t> EncodedTiffPage::block(std::int64_t number) const {
    const auto at = static_cast<std::size_t>(number);
    std::vector<std::uint8_t> bytes(sizes_[at]);
    const std::size_t got =
        source_.bytes.read_at(static_cast<std::int64_t>(offsets_[at]), bytes.data(), bytes.size());
    if (got < bytes.size()) fail(ErrorKind::input, "{}: the file is cut off", source_.bytes.name());
    return bytes;
}

}  // namespace conv
