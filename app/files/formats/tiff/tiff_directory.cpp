#include "files/formats/tiff/tiff_directory.hpp"

#include <algorithm>
#include <bit>

#include "base/error.hpp"
#include "base/size.hpp"

namespace conv {
namespace {

constexpr int kMostChannels = 512;

void check_photometric(const TiffPage& page, const std::string& name) {
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
    if (page.photometric > PHOTOMETRIC_MASK) {
        fail(ErrorKind::unsupported,
             "{}: a TIFF of photometric interpretation {} is not read, convert it to RGB first",
             name, page.photometric);
    }
}

/// libtiff takes the indices for grey where the colours are missing or too few.
void check_palette(const TiffPage& page, const TiffPlace& place) {
    if (page.is_palette() ||
        place.parser.number(place.entries, TIFFTAG_PHOTOMETRIC, 0) != PHOTOMETRIC_PALETTE) {
        return;
    }
    fail(ErrorKind::input, "{}: the TIFF is damaged: its palette is missing or not whole",
         place.bytes.name());
}

void check_supported(const TiffPage& page, const std::string& name) {
    check_photometric(page, name);
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
    if (page.compression == COMPRESSION_NONE && page.predictor != PREDICTOR_NONE) {
        fail(ErrorKind::unsupported,
             "{}: a TIFF predictor without compression is not read: programs disagree whether such "
             "samples are differences; compress it with LZW or deflate",
             name);
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

void check_size(const TiffPage& page, const std::string& name, std::int64_t file_size) {
    if (page.width < 1 || page.height < 1) {
        fail(ErrorKind::input, "{}: is an empty picture of {} x {} pixels", name, page.width,
             page.height);
    }
    const std::int64_t row_bits =
        checked_product({page.width, page.channels, std::int64_t{page.form.bits}}, name);
    const std::int64_t packed = checked_product({ceil_div(row_bits, 8), page.height}, name);
    const auto ratio = best_ratio(page.compression);
    if (!ratio || packed / *ratio <= file_size) return;
    fail(ErrorKind::input,
         "{}: claims {} of samples in a file of {}, it is truncated or its header is damaged", name,
         format_bytes(packed), format_bytes(file_size));
}

void read_sample_form(TIFF* tiff, TiffPage& page) {
    page.form.bits = tag<std::uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE, 1);
    page.form.format = tag<std::uint16_t>(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
    if (page.form.format == SAMPLEFORMAT_VOID) page.form.format = SAMPLEFORMAT_UINT;
    page.form.inverted = page.photometric == PHOTOMETRIC_MINISWHITE;
}

void read_blocks(TIFF* tiff, TiffPage& page) {
    page.is_tiled = TIFFIsTiled(tiff) != 0;
    if (page.is_tiled) {
        page.block_width = tag<std::uint32_t>(tiff, TIFFTAG_TILEWIDTH, 0);
        page.block_height = tag<std::uint32_t>(tiff, TIFFTAG_TILELENGTH, 0);
    } else {
        page.block_width = page.width;
        page.block_height = std::min<std::int64_t>(
            tag<std::uint32_t>(tiff, TIFFTAG_ROWSPERSTRIP, UINT32_MAX), page.height);
    }
}

void read_colours(TIFF* tiff, TiffPage& page) {
    const int without = page.channels >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
    std::uint16_t photometric = 0;
    page.photometric =
        TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric) == 1 ? photometric : without;
    std::uint16_t extra_count = 0;
    const std::uint16_t* extras = nullptr;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &extra_count, &extras);
    if (extra_count > 0 && extras) page.extra_samples.assign(extras, extras + extra_count);
    if (page.photometric == PHOTOMETRIC_YCBCR && page.compression == COMPRESSION_JPEG) {
        page.photometric = PHOTOMETRIC_RGB;
        read_colour_mode(tiff, page);
    }
}

}  // namespace

bool TiffPage::has_alpha() const {
    const bool known_range = form.result() != SampleType::f32 || form.format == SAMPLEFORMAT_IEEEFP;
    return known_range && !is_palette() && !extra_samples.empty() &&
           (extra_samples.back() == EXTRASAMPLE_ASSOCALPHA ||
            extra_samples.back() == EXTRASAMPLE_UNASSALPHA);
}

PictureInfo TiffPage::stored_picture() const {
    return {type(), {1, is_palette() ? 3 : channels, height, width}, has_alpha()};
}

TiffPage read_tiff_directory(TIFF* tiff, const TiffPlace& place) {
    const std::string& name = place.bytes.name();
    TiffPage page;
    page.width = tag<std::uint32_t>(tiff, TIFFTAG_IMAGEWIDTH, 0);
    page.height = tag<std::uint32_t>(tiff, TIFFTAG_IMAGELENGTH, 0);
    page.channels = tag<std::uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
    page.compression = tag<std::uint16_t>(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
    // libtiff knows this tag with some compressions only.
    page.predictor =
        static_cast<int>(place.parser.number(place.entries, TIFFTAG_PREDICTOR, PREDICTOR_NONE));
    page.orientation = tag<std::uint16_t>(tiff, TIFFTAG_ORIENTATION, 1);
    page.separate_planes = page.channels > 1 && tag<std::uint16_t>(tiff, TIFFTAG_PLANARCONFIG, 1) ==
                                                    PLANARCONFIG_SEPARATE;
    page.reversed_bits =
        tag<std::uint16_t>(tiff, TIFFTAG_FILLORDER, FILLORDER_MSB2LSB) == FILLORDER_LSB2MSB;
    page.swapped_bytes = TIFFIsByteSwapped(tiff) != 0;
    if (page.channels < 1 || page.channels > kMostChannels) {
        fail(ErrorKind::unsupported, "{}: a TIFF of {} channels is not read, up to {} are", name,
             page.channels, kMostChannels);
    }
    read_colours(tiff, page);
    read_sample_form(tiff, page);
    read_blocks(tiff, page);
    check_palette(page, place);
    check_supported(page, name);
    check_size(page, name, place.bytes.size());
    return page;
}

PictureInfo seen_picture(const TiffPage& page) {
    PictureInfo info = page.stored_picture();
    if (page.orientation >= 5 && page.orientation <= 8) std::swap(info.shape.H, info.shape.W);
    return info;
}

void read_colour_mode(TIFF* tiff, const TiffPage& page) {
    if (page.compression == COMPRESSION_JPEG && page.photometric == PHOTOMETRIC_RGB) {
        TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    }
}

std::vector<std::string> sample_notes(const TiffPage& page) {
    std::vector<std::string> notes;
    const TiffSampleForm& form = page.form;
    if (page.is_palette())
        notes.emplace_back("palette expanded to RGB");
    else if (form.result() == SampleType::f32 && !form.is_plain()) {
        notes.push_back(fmt::format("{}-bit {} samples computed as float32", form.bits,
                                    form.format == SAMPLEFORMAT_INT    ? "signed"
                                    : form.format == SAMPLEFORMAT_UINT ? "unsigned"
                                                                       : "float"));
    } else if (form.bits % 8 != 0) {
        notes.push_back(
            fmt::format("{}-bit samples scaled to {} bits", form.bits, form.bits > 8 ? 16 : 8));
    }
    if (form.inverted) notes.emplace_back("white-is-zero samples inverted");
    if (page.has_associated_alpha()) notes.emplace_back("associated alpha made straight");
    if (page.orientation >= 2 && page.orientation <= 8) {
        notes.push_back(fmt::format("TIFF orientation {} applied", page.orientation));
    }
    return notes;
}

}  // namespace conv
