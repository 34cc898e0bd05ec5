#include "files/opencv_file.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "base/resident_memory.hpp"
#include "base/size.hpp"
#include "files/formats/webp/webp_codec.hpp"
#include "files/opencv_codec.hpp"
#include "files/pixel_rows.hpp"
#include "files/row_document.hpp"
#include "tensor/window.hpp"

namespace conv {
namespace {

constexpr int kTiffWhiteIsZero = 0;
// What OpenCV's codecs and their libraries take once they are loaded.
constexpr std::int64_t kCodecBytes = std::int64_t{60} << 20;

/// Where a picture goes, and what is said about it.
struct OpencvOutput {
    const OutputFormat& format;
    const WriteOptions& options;
    ByteSink& sink;
    std::vector<std::string>& notes;
};

[[noreturn]] void refuse(const std::string& name, const std::string& reason) {
    fail(ErrorKind::unsupported, "{}: --codec opencv: {}, use --codec auto", name, reason);
}

/// What OpenCV gets wrong in a TIFF though the result has the right form; else empty.
std::string tiff_fault(const TiffStorage& tiff) {
    if (tiff.bits != 8 && tiff.bits != 16 && tiff.bits != 32) {
        return fmt::format("it scales samples of {} bits otherwise", tiff.bits);
    }
    if (tiff.photometric == kTiffWhiteIsZero) return "it does not always invert white-is-zero";
    if (tiff.separate_planes) return "it does not read planes that lie apart";
    if (!tiff.extra_samples.empty()) return "it multiplies or drops alpha and extra samples";
    return {};
}

/// Why OpenCV's picture would be another one; empty where it is right, or is seen to be wrong when
/// it has been decoded.
std::string known_fault(const RowFileReader& file, const PageHeader& page) {
    if (file.document().array_rank > 0) return "OpenCV does not know .npy";
    if (file.page_count() > 1) return "OpenCV reads the first page alone";
    if (const std::uint32_t maximum = file.document().maximum; maximum > 0) {
        return fmt::format("OpenCV does not scale samples of 0 to {}", maximum);
    }
    const std::optional<TiffStorage>& tiff = page.metadata.coding.tiff;
    return tiff ? tiff_fault(*tiff) : std::string();
}

/// Grey and alpha of a picture that OpenCV has widened to four channels.
Image grey_and_alpha(const Image& picture) {
    Image view = picture;
    view.shape.C = 2;
    view.strides.C = 3 * picture.strides.C;
    return owned_interleaved(std::move(view));
}

/// The decoded picture in the form that the file has.
Image in_form(Image decoded, const PictureInfo& known, const std::string& name) {
    const bool widened = known.shape.C == 2 && known.has_alpha && decoded.shape.C == 4;
    if (widened) decoded = grey_and_alpha(decoded);
    decoded.has_alpha = known.has_alpha;
    if (decoded.type == known.type && decoded.shape == known.shape) return decoded;
    const auto words = [](SampleType type, const Shape& shape) {
        return fmt::format("{} x {} pixels of {} {}", shape.W, shape.H, shape.C,
                           sample_type_name(type));
    };
    refuse(name, fmt::format("OpenCV makes {} of its {}", words(decoded.type, decoded.shape),
                             words(known.type, known.shape)));
}

bool same_samples(const Image& a, const Image& b) {
    if (a.type != b.type || !(a.shape == b.shape)) return false;
    const auto bytes = static_cast<std::size_t>(a.shape.W * a.shape.C) * sample_bytes(a.type);
    std::vector<std::byte> row(bytes), other(bytes);
    for (std::int64_t y = 0; y < a.shape.H; ++y) {
        copy_row(a, y, row.data());
        copy_row(b, y, other.data());
        if (row != other) return false;
    }
    return true;
}

/// Throws where OpenCV, the file and two copies of the picture do not fit.
void check_room(const FileInput& input, const Shape& shape, SampleType type) {
    const std::optional<std::int64_t>& most = input.options.max_memory;
    const std::int64_t needed = kCodecBytes + static_cast<std::int64_t>(input.bytes.size()) +
                                2 * picture_bytes(type, shape);
    if (!most || needed <= *most) return;
    fail(ErrorKind::memory,
         "{}: OpenCV needs {} to decode it, --max-memory leaves {}, use more or --codec auto",
         input.name, format_bytes(needed), format_bytes(*most));
}

/// A format whose pictures its own reader decodes as a whole: both must see the same.
ImageDocument read_compared(const FileFormat& format, const FileInput& input) {
    ImageDocument document = format.read(input);
    check_room(input, document.pages.front().shape, document.pages.front().type);
    const Image decoded = decode_with_opencv(input).picture;
    if (!same_samples(document.pages.front(), decoded)) {
        refuse(input.name, "OpenCV makes another picture of it");
    }
    return document;
}

/// A codec that goes on where a file is damaged says so on standard error alone.
void refuse_doubtful(const FileFormat& format, const FileInput& input, const std::string& said) {
    if (said.empty() || format.holds.name != "tiff") return;
    fail(ErrorKind::input, "{}: the file is damaged: {}", input.name, display_name(said));
}

/// OpenCV's numbers of what imwrite takes.
enum Parameter {
    kJpegQuality = 1,
    kJpegProgressive = 2,
    kPngCompression = 16,
    kWebpQuality = 64,
    kTiffCompression = 259
};
constexpr int kDefaultQuality = 95, kLossless = 101;

std::vector<int> jpeg_parameters(const ImageDocument& document, const OpencvOutput& output) {
    const std::optional<JpegCoding>& input = document.metadata.coding.jpeg;
    const bool colour = document.pages.front().shape.C == 3;
    if (colour && output.options.subsampling != "keep" && output.options.subsampling != "420") {
        fail(ErrorKind::unsupported,
             "--subsampling {}: OpenCV encodes 4:2:0 alone, use --codec auto",
             output.options.subsampling);
    }
    if (colour && output.options.subsampling == "keep") {
        output.notes.emplace_back("OpenCV encodes the colours of a JPEG as 4:2:0");
    }
    if (input && !output.options.quality) {
        output.notes.push_back(
            fmt::format("OpenCV encodes with quality {}: the tables of the JPEG are not kept",
                        kDefaultQuality));
    }
    return {kJpegQuality, output.options.quality.value_or(kDefaultQuality), kJpegProgressive,
            input && input->progressive ? 1 : 0};
}

std::vector<int> webp_parameters(const ImageDocument& document, const WriteOptions& options) {
    const bool lossless =
        options.lossless || (document.metadata.coding.lossless_webp && !options.quality);
    return {kWebpQuality, lossless ? kLossless : options.quality.value_or(kDefaultQuality)};
}

std::vector<int> tiff_parameters(const ImageDocument& document, const OpencvOutput& output) {
    constexpr std::array<std::pair<std::string_view, int>, 5> kSchemes = {
        {{"keep", 5}, {"none", 1}, {"lzw", 5}, {"deflate", 8}, {"zstd", 50000}}};
    const std::string& word = output.options.tiff_compression;
    const auto* scheme = std::find_if(kSchemes.begin(), kSchemes.end(),
                                      [&](const auto& each) { return each.first == word; });
    if (output.options.tiff_layout == "tiles") {
        fail(ErrorKind::unsupported,
             "--tiff-layout tiles: OpenCV writes strips alone, use --codec auto");
    }
    if (document.metadata.coding.tiff && word == "keep") {
        output.notes.emplace_back("OpenCV writes a TIFF of strips, compressed with LZW");
    }
    // Its default for three floats is a lossy one, so that a compression is always named.
    return {kTiffCompression, scheme == kSchemes.end() ? 5 : scheme->second};
}

std::vector<int> parameters_of(const ImageDocument& document, const OpencvOutput& output) {
    const std::string& name = output.format.name;
    if (name == "jpeg") return jpeg_parameters(document, output);
    if (name == "webp") return webp_parameters(document, output.options);
    if (name == "tiff") return tiff_parameters(document, output);
    if (name == "png") return {kPngCompression, output.options.png_compression};
    return {};
}

/// What OpenCV does not encode, or not as it is meant.
std::string encoding_fault(const ImageDocument& document, const OutputFormat& format) {
    const Image& page = document.pages.front();
    const std::string& name = format.name;
    if (name == "npy") return "OpenCV does not know .npy";
    if (name == "exr" || name == "hdr" || name == "pfm") {
        return fmt::format("OpenCV writes {} through a temporary folder that others see", name);
    }
    if (document.pages.size() > 1) return "OpenCV writes one page";
    if (name == "tiff" && (page.has_alpha || (page.shape.C != 1 && page.shape.C != 3))) {
        return "OpenCV writes TIFFs of one or three channels without saying what a fourth is";
    }
    if (page.shape.C == 2) return "OpenCV does not encode grey with alpha";
    return {};
}

/// What encoding takes beside the picture: a copy in OpenCV's order, and the file.
std::int64_t encoder_bytes(const Image& picture, const OpencvOutput& output) {
    if (output.format.name == "webp") return webp_encoder_bytes(picture.shape, true);
    return 2 * picture_bytes(picture.type, picture.shape);
}

void encode(ImageDocument document, const OpencvOutput& output) {
    const std::string fault = encoding_fault(document, output.format);
    if (!fault.empty()) {
        fail(ErrorKind::unsupported, "--codec opencv: {}, use --codec auto", fault);
    }
    const std::vector<int> parameters = parameters_of(document, output);
    note_not_carried(document.metadata, "OpenCV", {}, output.notes);
    note_late(document.metadata, "OpenCV", output.notes);
    if (document.maximum > 0) {
        output.notes.push_back(
            fmt::format("OpenCV writes the full range, not 0 to {}", document.maximum));
    }
    Image picture = std::exchange(document.pages.front(), {});
    require_memory("encoding it with OpenCV", encoder_bytes(picture, output),
                   output.options.max_memory);
    output.sink.write(
        encode_with_opencv(std::move(picture), "." + output.format.extensions.front(), parameters));
}

}  // namespace

ImageDocument read_with_opencv(const FileFormat& format, const FileInput& input) {
    if (!format.open_rows) return read_compared(format, input);
    const auto file =
        format.open_rows(std::make_unique<ByteSource>(input.bytes, input.name), input.options);
    PageHeader page = file->header(0);
    const std::string fault = known_fault(*file, page);
    if (!fault.empty()) refuse(input.name, fault);
    const Shape& shape = page.picture.shape;
    check_declared_size(
        input.name, input.options,
        {shape.W, shape.H, shape.C, static_cast<std::int64_t>(sample_bytes(page.picture.type))});
    check_room(input, shape, page.picture.type);
    // OpenCV makes a picture of a JPEG that breaks off, and says nothing: it is read through first.
    if (format.holds.name == "jpeg") read_document(*file, input.name, input.options);
    DecodedPicture decoded = decode_with_opencv(input);
    refuse_doubtful(format, input, decoded.messages);
    ImageDocument document = file->document();
    document.pages.push_back(in_form(std::move(decoded.picture), page.picture, input.name));
    document.metadata = std::move(page.metadata);
    document.notes.emplace_back("decoded by OpenCV");
    return document;
}

OutputFiles::Encoder opencv_encoder(const OutputFormat& format, const WriteOptions& options) {
    return [&](ImageDocument document, ByteSink& sink, std::vector<std::string>& notes) {
        encode(std::move(document), {format, options, sink, notes});
    };
}

}  // namespace conv
