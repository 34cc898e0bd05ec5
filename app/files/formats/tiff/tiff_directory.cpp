#include "files/formats/tiff/tiff_directory.hpp"

#include "base/size.hpp"
#include "files/formats/tiff/tiff_memory.hpp"

namespace conv {
namespace {

constexpr int kMostChannels = 512;

void check_supported(const TiffPage& page, const std::string& name) {
    struct Name {
        int photometric;
        const char* words;
    };
    for (const Name& refused :
         {Name{PHOTOMETRIC_SEPARATED, "CMYK"}, Name{PHOTOMETRIC_YCBCR, "YCbCr"},
          Name{PHOTOMETRIC_CIELAB, "CIE Lab"}, Name{PHOTOMETRIC_ICCLAB, "ICC Lab"},
          Name{PHOTOMETRIC_ITULAB, "ITU Lab"}, Name{PHOTOMETRIC_LOGL, "LogL"},
          Name{PHOTOMETRIC_LOGLUV, "LogLuv"}, Name{PHOTOMETRIC_CFA, "colour filter array"}}) {
        if (page.photometric != refused.photometric) continue;
        fail(ErrorKind::unsupported,
             "{}: {} samples of a TIFF are not read, convert it to RGB first", name, refused.words);
    }
    if (!page.form.is_known() || (page.is_palette() && page.form.bits > 16)) {
        fail(ErrorKind::unsupported,
             "{}: a TIFF of {} bits a sample in format {}{} is not read; 1 to 16, 32 and 64 are",
             name, page.form.bits, page.form.format, page.form.inverted ? ", white is zero," : "");
    }
    if (page.is_palette() && page.channels != 1) {
        fail(ErrorKind::unsupported, "{}: a TIFF palette with further channels is not read", name);
    }
    if (!TIFFIsCODECConfigured(static_cast<std::uint16_t>(page.compression))) {
        fail(ErrorKind::unsupported, "{}: TIFF compression {} is not read, use LZW or deflate",
             name, page.compression);
    }
}

/// The best that a compression can do, for those that have a bound.
std::optional<std::int64_t> best_ratio(int compression) {
    switch (compression) {
        case COMPRESSION_NONE:
            return 1;
        case COMPRESSION_PACKBITS:
            return 64;
        case COMPRESSION_LZW:
            return 3000;  // 4096 bytes for 12 bits
        case COMPRESSION_DEFLATE:
        case COMPRESSION_ADOBE_DEFLATE:
            return 1100;
        default:
            return std::nullopt;
    }
}

void check_size(const TiffPage& page, const FileInput& input) {
    const auto bytes = static_cast<std::int64_t>(sample_bytes(page.form.result()));
    check_declared_size(input, {page.width, page.height, page.picture_channels(), bytes});
    const std::int64_t packed =
        ceil_div(page.width * page.channels * page.form.bits, 8) * page.height;
    if (const auto ratio = best_ratio(page.compression)) check_plausible(input, packed, *ratio);
}

}  // namespace

void refuse_damaged_tiff(const std::string& name) {
    const std::string said = take_tiff_message();
    fail(ErrorKind::input, "{}: the TIFF is damaged{}{}", name, said.empty() ? "" : ": ", said);
}

TiffPage read_tiff_directory(TIFF* tiff, const std::string& name) {
    TiffPage page;
    page.width = tag<std::uint32_t>(tiff, TIFFTAG_IMAGEWIDTH, 0);
    page.height = tag<std::uint32_t>(tiff, TIFFTAG_IMAGELENGTH, 0);
    page.channels = tag<std::uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
    page.compression = tag<std::uint16_t>(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
    page.orientation = tag<std::uint16_t>(tiff, TIFFTAG_ORIENTATION, 1);
    page.separate_planes = page.channels > 1 && tag<std::uint16_t>(tiff, TIFFTAG_PLANARCONFIG, 1) ==
                                                    PLANARCONFIG_SEPARATE;
    page.is_tiled = TIFFIsTiled(tiff) != 0;
    const auto kind = tag<std::uint32_t>(tiff, TIFFTAG_SUBFILETYPE, 0);
    page.is_secondary = (kind & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)) != 0;
    const int without = page.channels >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
    std::uint16_t photometric = 0;
    page.photometric =
        TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric) == 1 ? photometric : without;
    std::uint16_t extra_count = 0;
    const std::uint16_t* extras = nullptr;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &extra_count, &extras);
    if (extra_count > 0 && extras) page.last_extra = extras[extra_count - 1];
    page.form.bits = tag<std::uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE, 1);
    page.form.format = tag<std::uint16_t>(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
    if (page.form.format == SAMPLEFORMAT_VOID) page.form.format = SAMPLEFORMAT_UINT;
    page.form.inverted = page.photometric == PHOTOMETRIC_MINISWHITE;
    if (page.photometric == PHOTOMETRIC_YCBCR && page.compression == COMPRESSION_JPEG) {
        TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
        page.photometric = PHOTOMETRIC_RGB;
    }
    if (page.channels > kMostChannels) {
        fail(ErrorKind::unsupported, "{}: a TIFF of {} channels is not read, up to {} are", name,
             page.channels, kMostChannels);
    }
    return page;
}

void check_tiff_page(const TiffPage& page, const FileInput& input) {
    check_supported(page, input.name);
    check_size(page, input);
}

}  // namespace conv
