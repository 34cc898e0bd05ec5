#include "support/tiff_files.hpp"

#include <tiffio.h>

#include <bit>
#include <cstring>
#include <stdexcept>

namespace conv::test {
namespace {

/// Rows of samples as libtiff takes them: whole bytes in this machine's order, else packed bits.
class RowPacker {
public:
    explicit RowPacker(int bits) : bits_(bits) {}
    void add(std::uint64_t value) {
        if (bits_ % 8 == 0) {
            for (int i = 0; i < bits_ / 8; ++i)
                bytes_.push_back(static_cast<std::uint8_t>(value >> 8 * i));
            return;
        }
        for (int bit = bits_ - 1; bit >= 0; --bit, ++held_) {
            if (held_ % 8 == 0) bytes_.push_back(0);
            bytes_.back() |= static_cast<std::uint8_t>((value >> bit & 1) << (7 - held_ % 8));
        }
    }
    void end_row() { held_ = 0; }
    std::vector<std::uint8_t> take() { return std::move(bytes_); }

private:
    int bits_;
    std::size_t held_ = 0;
    std::vector<std::uint8_t> bytes_;
};

void set_tags(TIFF* tiff, const TiffSpec& spec) {
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, spec.width);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, spec.height);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, spec.channels);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, spec.bits);
    TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, spec.format);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, spec.compression);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, spec.photometric);
    TIFFSetField(tiff, TIFFTAG_ORIENTATION, spec.orientation);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG,
                 spec.separate_planes ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
    if (spec.predictor != 1) TIFFSetField(tiff, TIFFTAG_PREDICTOR, spec.predictor);
    if (!spec.extra_samples.empty()) {
        TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, static_cast<int>(spec.extra_samples.size()),
                     spec.extra_samples.data());
    }
    if (spec.tile > 0) {
        TIFFSetField(tiff, TIFFTAG_TILEWIDTH, spec.tile);
        TIFFSetField(tiff, TIFFTAG_TILELENGTH, spec.tile);
    } else {
        TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, spec.rows_per_strip);
    }
    if (spec.photometric == PHOTOMETRIC_PALETTE) {
        std::vector<std::uint16_t> map(std::size_t{1} << spec.bits);
        for (std::size_t i = 0; i < map.size(); ++i) map[i] = static_cast<std::uint16_t>(i * 997);
        TIFFSetField(tiff, TIFFTAG_COLORMAP, map.data(), map.data(), map.data());
    }
}

void write_block(TIFF* tiff, const TiffSpec& spec, std::uint32_t index) {
    const std::uint32_t w = spec.tile > 0 ? spec.tile : spec.width;
    const std::uint32_t h = spec.tile > 0 ? spec.tile : spec.rows_per_strip;
    const std::uint32_t across = (spec.width + w - 1) / w, down = (spec.height + h - 1) / h;
    const std::uint32_t plane = index / (across * down), row = index / across % down;
    const std::uint32_t column = index % across;
    RowPacker packer(spec.bits);
    for (std::uint32_t y = row * h; y < (row + 1) * h; ++y) {
        if (spec.tile == 0 && y >= spec.height) break;
        for (std::uint32_t x = column * w; x < (column + 1) * w; ++x) {
            for (int c = 0; c < (spec.separate_planes ? 1 : spec.channels); ++c) {
                packer.add(
                    stored_sample(spec, y, x, spec.separate_planes ? static_cast<int>(plane) : c));
            }
        }
        packer.end_row();
    }
    std::vector<std::uint8_t> bytes = packer.take();
    const auto size = static_cast<tmsize_t>(bytes.size());
    const tmsize_t done = spec.tile > 0 ? TIFFWriteEncodedTile(tiff, index, bytes.data(), size)
                                        : TIFFWriteEncodedStrip(tiff, index, bytes.data(), size);
    if (done < 0) throw std::runtime_error("libtiff cannot write " + spec.name);
}

}  // namespace

std::uint64_t stored_sample(const TiffSpec& spec, std::int64_t y, std::int64_t x, std::int64_t c) {
    if (x >= spec.width || y >= spec.height) return 0;
    const auto number = static_cast<std::uint64_t>((y * spec.width + x) * spec.channels + c + 1);
    const std::uint64_t noise = number * 40503 >> 3;
    if (spec.format == SAMPLEFORMAT_IEEEFP) {
        const float value = static_cast<float>(noise & 1023) / 7.0F - 20;
        if (spec.bits == 16) return 0x3c00 | (noise & 1023);  // 1 to 2
        if (spec.bits == 32) return std::bit_cast<std::uint32_t>(value);
        return std::bit_cast<std::uint64_t>(static_cast<double>(value));
    }
    return spec.bits < 64 ? noise & ((std::uint64_t{1} << spec.bits) - 1) : noise;
}

void write_with_libtiff(const std::string& path, const TiffSpec& spec, int pages) {
    TIFF* tiff = TIFFOpen(path.c_str(), spec.mode.c_str());
    if (!tiff) throw std::runtime_error("libtiff cannot create " + path);
    for (int page = 0; page < pages; ++page) {
        set_tags(tiff, spec);
        const std::uint32_t blocks =
            spec.tile > 0 ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff);
        for (std::uint32_t i = 0; i < blocks; ++i) write_block(tiff, spec, i);
        TIFFWriteDirectory(tiff);
    }
    TIFFClose(tiff);
}

}  // namespace conv::test
