#include "files/formats/png_file.hpp"

#include <zlib.h>

#include <cmath>
#include <limits>
#include <opencv2/imgcodecs.hpp>
#include <optional>

#include "base/size.hpp"
#include "files/opencv_codec.hpp"
#include "files/pixel_rows.hpp"

namespace conv {
namespace {

constexpr std::size_t kSignatureBytes = 8;
constexpr std::size_t kHeaderEnd = kSignatureBytes + 25;  // the signature and the IHDR chunk
constexpr double kInchesPerMetre = 39.3700787;
constexpr std::int64_t kBestDeflateRatio = 1100;

enum ColourType { kGrey = 0, kRgb = 2, kPalette = 3, kGreyAlpha = 4, kRgbAlpha = 6 };

struct PngHeader {
    std::int64_t width = 0, height = 0, depth = 0;
    int colour_type = 0;
    std::int64_t stored_channels() const {
        return colour_type == kRgb         ? 3
               : colour_type == kRgbAlpha  ? 4
               : colour_type == kGreyAlpha ? 2
                                           : 1;
    }
};

/// What the chunks of a file say besides its samples.
struct PngContents {
    PngHeader header;
    Metadata metadata;
    std::optional<std::int64_t> transparent_grey;
    bool has_transparency = false, is_animated = false, has_samples = false, has_end = false;
};

bool is_png(ByteView head) {
    return has_at(head, 1, "PNG");
}

[[noreturn]] void refuse(const FileInput& input, std::string_view what) {
    fail(ErrorKind::input, "{}: the PNG is damaged: {}", input.name, what);
}

PngHeader parse_header(ByteView data, const FileInput& input) {
    if (data.size() != 13) refuse(input, "its header has a wrong length");
    const ByteReader reader(data, input.name);
    PngHeader header{static_cast<std::int64_t>(reader.big(0, 4)),
                     static_cast<std::int64_t>(reader.big(4, 4)), data[8], data[9]};
    // Depths that each colour type allows, one bit each; 0: no such colour type.
    constexpr unsigned kDepths[] = {
        1 | 2 | 4 | 8 | 16, 0, 8 | 16, 1 | 2 | 4 | 8, 8 | 16, 0, 8 | 16};
    if (header.colour_type > kRgbAlpha || kDepths[header.colour_type] == 0) {
        refuse(input, fmt::format("there is no colour type {}", header.colour_type));
    }
    const bool power = header.depth <= 16 && (header.depth & (header.depth - 1)) == 0;
    if (!power || (kDepths[header.colour_type] & static_cast<unsigned>(header.depth)) == 0) {
        refuse(input, fmt::format("colour type {} has no depth of {} bits", header.colour_type,
                                  header.depth));
    }
    if (data[10] != 0 || data[11] != 0 || data[12] > 1) refuse(input, "its header is not valid");
    return header;
}

void check_size(const FileInput& input, const PngContents& contents) {
    const PngHeader& header = contents.header;
    const bool has_alpha = contents.has_transparency || header.colour_type >= kGreyAlpha;
    const bool colour = header.colour_type != kGrey;
    const std::int64_t channels = has_alpha ? 4 : colour ? 3 : 1;
    check_declared_size(input, {header.width, header.height, channels, header.depth == 16 ? 2 : 1});
    const std::int64_t bits = header.stored_channels() * header.depth;
    const std::int64_t packed = ceil_div(header.width * bits, 8) * header.height;
    check_plausible(input, packed, kBestDeflateRatio);
}

/// The profile of an iCCP chunk: a name, a zero, the method 0, deflated bytes.
std::vector<std::uint8_t> inflate_profile(ByteView data) {
    constexpr uLongf kLargestProfile = 16 << 20;
    std::size_t start = 0;
    while (start < data.size() && data[start] != 0) ++start;
    start += 2;
    if (start >= data.size()) return {};
    uLongf room = std::min<uLongf>(kLargestProfile, 1100 * data.size());
    std::vector<std::uint8_t> profile(room);
    const int status = uncompress(profile.data(), &room, data.data() + start, data.size() - start);
    if (status != Z_OK) return {};
    profile.resize(room);
    return profile;
}

void note_chunk(std::string_view type, ByteView data, const FileInput& input,
                PngContents& contents) {
    const ByteReader reader(data, input.name);
    Metadata& metadata = contents.metadata;
    if (type == "IDAT") contents.has_samples = true;
    if (type == "IEND") contents.has_end = true;
    if (type == "acTL") contents.is_animated = true;
    if (type == "iCCP") metadata.icc_profile = inflate_profile(data);
    if (type == "eXIf") metadata.exif.assign(data.begin(), data.end());
    if (type == "pHYs" && data.size() == 9 && data[8] == 1) {
        metadata.x_per_inch = static_cast<double>(reader.big(0, 4)) / kInchesPerMetre;
        metadata.y_per_inch = static_cast<double>(reader.big(4, 4)) / kInchesPerMetre;
    }
    if (type == "tRNS") {
        contents.has_transparency = true;
        if (contents.header.colour_type == kGrey && data.size() == 2) {
            contents.transparent_grey = static_cast<std::int64_t>(reader.big(0, 2));
        }
    }
}

std::uint32_t checksum(ByteView bytes) {
    return static_cast<std::uint32_t>(crc32_z(0, bytes.data(), bytes.size()));
}

/// Reads every chunk to the end mark, so that libpng never sees a file that is cut or altered.
PngContents walk_chunks(const FileInput& input) {
    const ByteView bytes = input.bytes.view();
    if (!starts_with(bytes, "\x89PNG\r\n\x1a\n")) {
        refuse(input, "its signature was altered, as by a transfer in text mode");
    }
    PngContents contents;
    const ByteReader reader(bytes, input.name);
    for (std::size_t at = kSignatureBytes; !contents.has_end;) {
        const std::size_t length = reader.big(at, 4);
        const ByteView typed = reader.part(at + 4, length + 4);
        const std::string_view type(reinterpret_cast<const char*>(typed.data()), 4);
        if ((at == kSignatureBytes) != (type == "IHDR")) refuse(input, "its header is not first");
        if (checksum(typed) != reader.big(at + 8 + length, 4)) {
            refuse(input, fmt::format("the checksum of chunk {} is wrong",
                                      display_name(std::string(type))));
        }
        if (type == "IHDR")
            contents.header = parse_header(typed.subspan(4), input);
        else
            note_chunk(type, typed.subspan(4), input, contents);
        at += length + 12;
    }
    if (!contents.has_samples) refuse(input, "it holds no samples");
    return contents;
}

/// Grey samples and their one transparent value as RGBA, as grey with an alpha channel is read.
template <typename Sample>
Image with_transparent_grey(const Image& grey, std::int64_t key) {
    Image out = Image::interleaved(grey.type, 4, grey.shape.H, grey.shape.W, true);
    const auto opaque = static_cast<Sample>(sample_maximum(grey.type));
    const auto transparent = static_cast<Sample>(key);
    Sample* pixel = out.data<Sample>();
    for (std::int64_t y = 0; y < grey.shape.H; ++y) {
        const Sample* row = grey.data<const Sample>() + y * grey.strides.H;
        for (std::int64_t x = 0; x < grey.shape.W; ++x, pixel += 4) {
            pixel[0] = pixel[1] = pixel[2] = row[x];
            pixel[3] = row[x] == transparent ? Sample{0} : opaque;
        }
    }
    return out;
}

Image apply_transparent_grey(const Image& grey, const PngContents& contents) {
    const std::int64_t largest = (std::int64_t{1} << contents.header.depth) - 1;
    const std::int64_t key = *contents.transparent_grey & largest;
    if (grey.type == SampleType::u16) return with_transparent_grey<std::uint16_t>(grey, key);
    return with_transparent_grey<std::uint8_t>(grey, key * 255 / largest);
}

void add_notes(const PngHeader& header, const PngContents& contents, ImageDocument& document) {
    if (header.colour_type == kPalette) {
        document.notes.emplace_back("palette expanded to RGB");
    } else if (header.depth < 8) {
        document.notes.push_back(fmt::format("{}-bit grey scaled to 8 bits", header.depth));
    }
    if (header.colour_type == kGreyAlpha || contents.transparent_grey) {
        document.notes.emplace_back("grey with alpha expanded to RGBA");
    }
    if (contents.is_animated)
        document.notes.emplace_back("animation: only its first picture is read");
}

ImageDocument read_png(FileInput input) {
    PngContents contents = walk_chunks(input);
    check_size(input, contents);
    ImageDocument document;
    Image picture = decode_with_opencv(input).picture;
    input.bytes = {};
    if (contents.transparent_grey && picture.shape.C == 1) {
        picture = apply_transparent_grey(picture, contents);
    }
    document.metadata = std::move(contents.metadata);
    add_notes(contents.header, contents, document);
    document.pages.push_back(std::move(picture));
    apply_orientation(document);
    return document;
}

void put_big(std::vector<std::uint8_t>& out, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8)
        out.push_back(static_cast<std::uint8_t>(value >> shift));
}

void write_chunk(ByteSink& sink, std::string_view type, const std::vector<std::uint8_t>& data) {
    std::vector<std::uint8_t> chunk;
    put_big(chunk, static_cast<std::uint32_t>(data.size()));
    chunk.insert(chunk.end(), type.begin(), type.end());
    chunk.insert(chunk.end(), data.begin(), data.end());
    put_big(chunk, checksum(ByteView(chunk).subspan(4)));
    sink.write(chunk);
}

void write_metadata(ByteSink& sink, const Metadata& metadata) {
    if (!metadata.icc_profile.empty()) {
        constexpr std::string_view kNameAndMethod("ICC profile\0\0", 13);
        std::vector<std::uint8_t> data(kNameAndMethod.begin(), kNameAndMethod.end());
        uLongf room = compressBound(metadata.icc_profile.size());
        data.resize(kNameAndMethod.size() + room);
        compress(data.data() + kNameAndMethod.size(), &room, metadata.icc_profile.data(),
                 metadata.icc_profile.size());
        data.resize(kNameAndMethod.size() + room);
        write_chunk(sink, "iCCP", data);
    }
    if (metadata.has_resolution()) {
        std::vector<std::uint8_t> data;
        for (const double per_inch : {metadata.x_per_inch, metadata.y_per_inch}) {
            put_big(data, static_cast<std::uint32_t>(std::lround(per_inch * kInchesPerMetre)));
        }
        data.push_back(1);  // the unit is the metre
        write_chunk(sink, "pHYs", data);
    }
    if (!metadata.exif.empty()) write_chunk(sink, "eXIf", metadata.exif);
}

void write_png(ImageDocument document, const WriteOptions& options, ByteSink& sink,
               std::vector<std::string>&) {
    Image picture = std::move(document.pages.front());
    document.pages.clear();
    if (picture.shape.C == 2) picture = grey_alpha_as_rgba(picture);
    const std::vector<std::uint8_t> bytes = encode_with_opencv(
        std::move(picture), ".png", {cv::IMWRITE_PNG_COMPRESSION, options.png_compression});
    sink.write(ByteView(bytes).first(kHeaderEnd));
    write_metadata(sink, document.metadata);
    sink.write(ByteView(bytes).subspan(kHeaderEnd));
}

}  // namespace

FileFormat png_format() {
    return {{.name = "png",
             .extensions = {"png"},
             .sample_types = {SampleType::u8, SampleType::u16},
             .colours = {1, 3},
             .alpha = true,
             .pages = false,
             .largest_side = 1'000'000},
            is_png,
            read_png,
            write_png};
}

}  // namespace conv
