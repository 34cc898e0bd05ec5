#include "files/formats/tiff/tiff_page_reader.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/error.hpp"
#include "base/size.hpp"

namespace conv {
namespace {

/// Where the strips or tiles of a page lie and how large they are.
struct Blocks {
    std::int64_t width = 0, height = 0;  ///< of one block, in pixels
    std::int64_t row_bytes = 0, bytes = 0;
    std::int64_t across = 0, down = 0;
};

Blocks blocks_of(TIFF* tiff, const TiffPage& page, const std::string& name) {
    Blocks blocks;
    if (page.is_tiled) {
        blocks.width = tag<std::uint32_t>(tiff, TIFFTAG_TILEWIDTH, 0);
        blocks.height = tag<std::uint32_t>(tiff, TIFFTAG_TILELENGTH, 0);
        blocks.row_bytes = TIFFTileRowSize(tiff);
        blocks.bytes = TIFFTileSize(tiff);
    } else {
        blocks.width = page.width;
        blocks.height = std::min<std::int64_t>(
            tag<std::uint32_t>(tiff, TIFFTAG_ROWSPERSTRIP, UINT32_MAX), page.height);
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

/// Decodes one page into a picture.
class PageReader {
public:
    PageReader(TIFF* tiff, const TiffPage& page, const std::string& name)
        : tiff_(tiff),
          page_(page),
          name_(name),
          reader_(page.form),
          blocks_(blocks_of(tiff, page, name)) {
        if (page.is_palette()) read_palette();
    }

    Image read() {
        Image picture = Image::interleaved(page_.form.result(), page_.picture_channels(),
                                           page_.height, page_.width, page_.has_alpha());
        if (page_.is_palette() && picture.type != SampleType::u8) {
            picture = Image::interleaved(SampleType::u8, 3, page_.height, page_.width);
        }
        std::vector<std::uint8_t> block(static_cast<std::size_t>(blocks_.bytes));
        const int planes = page_.separate_planes ? page_.channels : 1;
        for (int plane = 0; plane < planes; ++plane) {
            for (std::int64_t row = 0; row < blocks_.down; ++row) {
                for (std::int64_t column = 0; column < blocks_.across; ++column) {
                    const std::int64_t index =
                        (plane * blocks_.down + row) * blocks_.across + column;
                    place(block, index, row * blocks_.height, column * blocks_.width, plane,
                          picture);
                }
            }
        }
        return picture;
    }

private:
    void read_palette() {
        const std::uint16_t *red = nullptr, *green = nullptr, *blue = nullptr;
        if (TIFFGetField(tiff_, TIFFTAG_COLORMAP, &red, &green, &blue) != 1) {
            fail(ErrorKind::input, "{}: the TIFF is damaged: its palette is missing", name_);
        }
        const std::size_t count = std::size_t{1} << page_.form.bits;
        for (const std::uint16_t* colour : {red, green, blue}) {
            palette_.insert(palette_.end(), colour, colour + count);
        }
        // Some writers put 8-bit values where 16 bits belong.
        const bool small = *std::max_element(palette_.begin(), palette_.end()) < 256;
        for (std::uint16_t& value : palette_)
            value = static_cast<std::uint16_t>(small ? value : value >> 8);
    }

    void decode(std::vector<std::uint8_t>& block, std::int64_t index, std::int64_t needed) {
        const auto number = static_cast<std::uint32_t>(index);
        const auto size = static_cast<tmsize_t>(page_.is_tiled ? blocks_.bytes : needed);
        const tmsize_t got = page_.is_tiled
                                 ? TIFFReadEncodedTile(tiff_, number, block.data(), size)
                                 : TIFFReadEncodedStrip(tiff_, number, block.data(), size);
        if (got < needed) refuse_damaged_tiff(name_);
    }

    void place(std::vector<std::uint8_t>& block, std::int64_t index, std::int64_t y, std::int64_t x,
               int plane, Image& picture) {
        const std::int64_t rows = std::min(blocks_.height, page_.height - y);
        const std::int64_t columns = std::min(blocks_.width, page_.width - x);
        decode(block, index, rows * blocks_.row_bytes);
        const auto bytes = static_cast<std::int64_t>(sample_bytes(picture.type));
        for (std::int64_t row = 0; row < rows; ++row) {
            const std::uint8_t* stored = block.data() + row * blocks_.row_bytes;
            auto* out = picture.data<std::uint8_t>() +
                        ((y + row) * picture.strides.H + x * picture.strides.W + plane) * bytes;
            place_row(stored, columns, out);
        }
    }

    void place_row(const std::uint8_t* stored, std::int64_t columns, std::uint8_t* out) {
        const std::int64_t samples = page_.separate_planes ? columns : columns * page_.channels;
        if (page_.is_palette()) {
            indices_.resize(static_cast<std::size_t>(columns));
            reader_.read_indices(stored, columns, indices_.data());
            const std::size_t count = palette_.size() / 3;
            for (const std::uint16_t index : indices_) {
                for (std::size_t c = 0; c < 3; ++c) {
                    *out++ = static_cast<std::uint8_t>(palette_[c * count + index]);
                }
            }
        } else if (page_.form.is_plain() && !page_.separate_planes) {
            std::memcpy(out, stored,
                        static_cast<std::size_t>(samples) * sample_bytes(page_.form.result()));
        } else {
            reader_.read(stored, samples, out, page_.separate_planes ? page_.channels : 1);
        }
    }

    TIFF* tiff_;
    const TiffPage& page_;
    const std::string& name_;
    TiffSampleReader reader_;
    Blocks blocks_;
    std::vector<std::uint16_t> palette_;  ///< red, green and blue values of 0 to 255
    std::vector<std::uint16_t> indices_;
};

}  // namespace

Image read_tiff_page(TIFF* tiff, const TiffPage& page, const std::string& name) {
    return PageReader(tiff, page, name).read();
}

}  // namespace conv
