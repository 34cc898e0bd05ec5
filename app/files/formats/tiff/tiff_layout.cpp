#include "files/formats/tiff/tiff_layout.hpp"

#include <tiffio.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/error.hpp"
#include "base/size.hpp"

namespace conv {
namespace {

constexpr std::int64_t kStripBytes = 64 << 10;  // keeps readers of one strip small
constexpr std::int64_t kTile = 256;

/// Those that are written: lossless, and known to every reader of ordinary files.
const std::map<std::string, int>& compressions() {
    static const std::map<std::string, int> tags = {{"none", COMPRESSION_NONE},
                                                    {"lzw", COMPRESSION_LZW},
                                                    {"deflate", COMPRESSION_ADOBE_DEFLATE},
                                                    {"zstd", COMPRESSION_ZSTD}};
    return tags;
}

std::string compression_name(int compression) {
    switch (compression) {
        case COMPRESSION_JPEG:
            return "JPEG";
        case COMPRESSION_WEBP:
            return "WebP";
        case COMPRESSION_LERC:
            return "LERC";
        case COMPRESSION_CCITTRLE:
        case COMPRESSION_CCITTFAX3:
        case COMPRESSION_CCITTFAX4:
            return "fax";
        default:
            return fmt::format("number {}", compression);
    }
}

int kept_compression(const std::optional<TiffStorage>& input, std::vector<std::string>& notes) {
    if (!input) return COMPRESSION_LZW;
    constexpr std::array kWritten = {
        COMPRESSION_NONE,     COMPRESSION_LZW,  COMPRESSION_DEFLATE, COMPRESSION_ADOBE_DEFLATE,
        COMPRESSION_PACKBITS, COMPRESSION_LZMA, COMPRESSION_ZSTD};
    const bool written =
        std::find(kWritten.begin(), kWritten.end(), input->compression) != kWritten.end();
    if (written && TIFFIsCODECConfigured(static_cast<std::uint16_t>(input->compression))) {
        return input->compression;
    }
    notes.push_back(
        fmt::format("the TIFF is compressed with LZW: its compression {} is not written",
                    compression_name(input->compression)));
    return COMPRESSION_LZW;
}

int chosen_compression(const std::string& word, const std::optional<TiffStorage>& input,
                       std::vector<std::string>& notes) {
    if (word == "keep") return kept_compression(input, notes);
    const auto found = compressions().find(word);
    if (found == compressions().end()) {
        fail(ErrorKind::usage,
             "there is no TIFF compression '{}', write keep, none, lzw, deflate or zstd", word);
    }
    return found->second;
}

/// Differences of neighbours help integers; of floats only where the input has them so, since many
/// readers do not know the predictor for them.
int chosen_predictor(const PictureInfo& picture, const TiffLayout& layout,
                     const std::optional<TiffStorage>& input) {
    const bool has_predictor =
        layout.compression == COMPRESSION_LZW || layout.compression == COMPRESSION_DEFLATE ||
        layout.compression == COMPRESSION_ADOBE_DEFLATE || layout.compression == COMPRESSION_ZSTD;
    if (!has_predictor || layout.bits % 8 != 0) return PREDICTOR_NONE;
    if (picture.type != SampleType::f32) {
        const bool kept = input && input->compression == layout.compression;
        return kept ? std::min<int>(input->predictor, PREDICTOR_HORIZONTAL) : PREDICTOR_HORIZONTAL;
    }
    return input && input->predictor == PREDICTOR_FLOATINGPOINT ? PREDICTOR_FLOATINGPOINT
                                                                : PREDICTOR_NONE;
}

void choose_colours(const PictureInfo& picture, const std::optional<TiffStorage>& input,
                    TiffLayout& layout) {
    const std::int64_t C = picture.shape.C, colours = C - (picture.has_alpha ? 1 : 0);
    // Three colours and one more band are RGB with something beside it; more bands are no colours.
    bool rgb = colours == 3 || colours == 4;
    const bool same = input && input->channels == C;
    if (same && input->photometric == PHOTOMETRIC_MINISBLACK) rgb = false;
    if (same && input->photometric == PHOTOMETRIC_RGB && C >= 3) rgb = true;
    layout.photometric = rgb ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
    layout.extra_samples.assign(static_cast<std::size_t>(C - (rgb ? 3 : 1)),
                                EXTRASAMPLE_UNSPECIFIED);
    if (picture.has_alpha) layout.extra_samples.back() = EXTRASAMPLE_UNASSALPHA;
}

void choose_blocks(const PictureInfo& picture, const std::string& word,
                   const std::optional<TiffStorage>& input, TiffLayout& layout) {
    if (word != "keep" && word != "strips" && word != "tiles") {
        fail(ErrorKind::usage, "there is no TIFF layout '{}', write keep, strips or tiles", word);
    }
    const bool from_tiles = input && input->tiled;
    layout.tiled = word == "tiles" || (word == "keep" && from_tiles);
    layout.planes = layout.separate_planes ? picture.shape.C : 1;
    if (layout.tiled) {
        constexpr std::int64_t kUnit = 16;  // TIFF 6.0, section 15
        layout.block_width = from_tiles ? round_up(input->tile_width, kUnit) : kTile;
        layout.block_height = from_tiles ? round_up(input->tile_height, kUnit) : kTile;
    } else {
        layout.block_width = picture.shape.W;
        layout.block_height =
            std::clamp<std::int64_t>(kStripBytes / layout.row_bytes(picture), 1, picture.shape.H);
    }
    layout.across = ceil_div(picture.shape.W, layout.block_width);
    layout.down = ceil_div(picture.shape.H, layout.block_height);
}

}  // namespace

std::int64_t TiffLayout::row_bytes(const PictureInfo& picture) const {
    const std::int64_t samples = block_width * (separate_planes ? 1 : picture.shape.C);
    return ceil_div(samples * bits, 8);
}

TiffLayout tiff_layout(const PictureInfo& picture, const SampleCoding& coding,
                       const WriteOptions& options, std::vector<std::string>& notes) {
    const std::optional<TiffStorage>& input = coding.tiff;
    TiffLayout layout;
    layout.bits = static_cast<int>(8 * sample_bytes(picture.type));
    if (picture.type == SampleType::u16 && input && input->bits > 8 && input->bits < 16) {
        layout.bits = input->bits;
    }
    layout.big_endian = input && input->big_endian;
    layout.separate_planes = input && input->separate_planes && picture.shape.C > 1;
    layout.compression = chosen_compression(options.tiff_compression, input, notes);
    layout.predictor = chosen_predictor(picture, layout, input);
    choose_colours(picture, input, layout);
    choose_blocks(picture, options.tiff_layout, input, layout);
    return layout;
}

}  // namespace conv
