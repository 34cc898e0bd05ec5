#include "files/formats/tiff/tiff_writer.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "files/formats/tiff/tiff_exif.hpp"
#include "files/formats/tiff/tiff_memory.hpp"
#include "files/pixel_rows.hpp"

namespace conv {
namespace {

constexpr std::uint64_t kClassicLimit = (std::uint64_t{4} << 30) - (std::uint64_t{64} << 20);

[[noreturn]] void refuse() {
    fail(ErrorKind::input, "the TIFF cannot be encoded: {}", take_tiff_message());
}

int compression_tag(const std::string& word) {
    static const std::map<std::string, int> tags = {{"none", COMPRESSION_NONE},
                                                    {"lzw", COMPRESSION_LZW},
                                                    {"deflate", COMPRESSION_ADOBE_DEFLATE}};
    const auto found = tags.find(word);
    if (found == tags.end()) {
        fail(ErrorKind::usage, "there is no TIFF compression '{}', write none, lzw or deflate",
             word);
    }
    return found->second;
}

void set_channels(TIFF* tiff, const Image& page) {
    const std::int64_t colours = page.shape.C - (page.has_alpha ? 1 : 0);
    // Three colours and one more band are RGB with something beside it; more bands are no colours.
    const std::int64_t base = colours == 3 || colours == 4 ? 3 : 1;
    std::vector<std::uint16_t> extra(static_cast<std::size_t>(page.shape.C - base),
                                     EXTRASAMPLE_UNSPECIFIED);
    if (page.has_alpha) extra.back() = EXTRASAMPLE_UNASSALPHA;
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, base == 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, static_cast<int>(page.shape.C));
    if (!extra.empty()) {
        TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, static_cast<int>(extra.size()), extra.data());
    }
}

void set_samples(TIFF* tiff, const Image& page, int compression) {
    const bool is_float = page.type == SampleType::f32;
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, static_cast<int>(8 * sample_bytes(page.type)));
    TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, is_float ? SAMPLEFORMAT_IEEEFP : SAMPLEFORMAT_UINT);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, compression);
    if (compression != COMPRESSION_NONE) {
        TIFFSetField(tiff, TIFFTAG_PREDICTOR,
                     is_float ? PREDICTOR_FLOATINGPOINT : PREDICTOR_HORIZONTAL);
    }
}

void set_metadata(TIFF* tiff, const Metadata& metadata) {
    if (!metadata.icc_profile.empty()) {
        TIFFSetField(tiff, TIFFTAG_ICCPROFILE,
                     static_cast<std::uint32_t>(metadata.icc_profile.size()),
                     metadata.icc_profile.data());
    }
    if (metadata.has_resolution()) {
        TIFFSetField(tiff, TIFFTAG_XRESOLUTION, metadata.x_per_inch);
        TIFFSetField(tiff, TIFFTAG_YRESOLUTION, metadata.y_per_inch);
        TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH);
    }
}

void write_page(TIFF* tiff, const Image& page, int compression, const Metadata& metadata) {
    const std::int64_t row_bytes =
        page.shape.W * page.shape.C * static_cast<int>(sample_bytes(page.type));
    constexpr std::int64_t kStripBytes = 64 * 1024;  // keeps readers of one strip small
    const std::int64_t rows = std::clamp<std::int64_t>(kStripBytes / row_bytes, 1, page.shape.H);
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, static_cast<std::uint32_t>(page.shape.W));
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, static_cast<std::uint32_t>(page.shape.H));
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, static_cast<std::uint32_t>(rows));
    set_channels(tiff, page);
    set_samples(tiff, page, compression);
    set_metadata(tiff, metadata);  // after the first strip it is too late
    std::vector<std::uint8_t> strip(static_cast<std::size_t>(rows * row_bytes));
    for (std::int64_t y = 0; y < page.shape.H; y += rows) {
        const std::int64_t count = std::min(rows, page.shape.H - y);
        for (std::int64_t i = 0; i < count; ++i) {
            copy_row(page, y + i, &strip[static_cast<std::size_t>(i * row_bytes)]);
        }
        if (TIFFWriteEncodedStrip(tiff, static_cast<std::uint32_t>(y / rows), strip.data(),
                                  count * row_bytes) < 0) {
            refuse();
        }
    }
}

std::uint64_t sample_bytes_of(const ImageDocument& document) {
    std::uint64_t bytes = 0;
    for (const Image& page : document.pages) {
        bytes += static_cast<std::uint64_t>(page.shape.C * page.shape.H * page.shape.W) *
                 sample_bytes(page.type);
    }
    return bytes;
}

}  // namespace

void write_tiff(ImageDocument document, const WriteOptions& options, ByteSink& sink,
                std::vector<std::string>& notes) {
    const int compression = compression_tag(options.tiff_compression);
    const std::uint64_t bytes = sample_bytes_of(document);
    TiffMemory memory;
    memory.writes = true;
    memory.output.reserve(bytes + bytes / 4);  // costs nothing where it stays untouched
    TiffHandle tiff = open_tiff(memory, bytes > kClassicLimit ? "w8m" : "wm");
    if (!tiff) refuse();
    for (Image& page : document.pages) {
        write_page(tiff.get(), page, compression, document.metadata);
        if (!TIFFWriteDirectory(tiff.get())) refuse();
        page.samples.reset();
    }
    tiff.reset();
    const std::vector<std::uint8_t>& exif = document.metadata.exif;
    const bool fits = document.pages.size() == 1 && bytes <= kClassicLimit;
    if (!exif.empty() && !(fits && add_exif_to_tiff(memory.output, exif))) {
        notes.emplace_back(
            "EXIF and description tags are carried only by TIFF files of one page and less than 4 "
            "GiB");
    }
    sink.write(memory.output);
}

}  // namespace conv
