#include "files/formats/jpeg_file.hpp"

#include <cmath>
#include <opencv2/imgcodecs.hpp>

#include "files/opencv_codec.hpp"

namespace conv {
namespace {

constexpr std::string_view kExifMagic("Exif\0\0", 6);
constexpr std::string_view kIccMagic("ICC_PROFILE\0", 12);
constexpr std::string_view kJfifMagic("JFIF\0", 5);
/// Bytes of a segment after its length field, which counts itself.
constexpr std::size_t kLargestSegment = 65533;
/// A blank progressive JPEG spends one bit on each block of 8 x 8 samples; the rest is margin.
constexpr std::int64_t kBestRatio = 2000;

enum Marker : std::uint8_t {
    kFirstFrame = 0xc0,
    kHuffmanTables = 0xc4,
    kJpegExtension = 0xc8,
    kArithmeticTables = 0xcc,
    kLastFrame = 0xcf,
    kFirstRestart = 0xd0,
    kLastRestart = 0xd7,
    kStart = 0xd8,
    kEnd = 0xd9,
    kScan = 0xda,
    kApp0 = 0xe0,
    kApp1 = 0xe1,
    kApp2 = 0xe2
};

struct JpegContents {
    std::int64_t width = 0, height = 0, channels = 0;
    int precision = 0;
    bool has_scan = false;
    Metadata metadata;
};

bool is_jpeg(ByteView head) {
    return starts_with(head, "\xff\xd8\xff");
}

[[noreturn]] void refuse_truncated(const FileInput& input) {
    fail(ErrorKind::input, "{}: the JPEG is truncated, its end mark is missing", input.name);
}

bool is_frame(std::uint8_t marker) {
    return marker >= kFirstFrame && marker <= kLastFrame && marker != kHuffmanTables &&
           marker != kJpegExtension && marker != kArithmeticTables;
}

void note_jfif(ByteView data, Metadata& metadata) {
    if (data.size() < 12) return;
    const double unit = data[7] == 1 ? 1 : data[7] == 2 ? 2.54 : 0;
    metadata.x_per_inch = unit * (data[8] * 256 + data[9]);
    metadata.y_per_inch = unit * (data[10] * 256 + data[11]);
}

void note_segment(std::uint8_t marker, ByteView data, const FileInput& input,
                  JpegContents& contents) {
    Metadata& metadata = contents.metadata;
    if (is_frame(marker)) {
        if (contents.channels != 0) {
            fail(ErrorKind::input, "{}: the JPEG is damaged: it has two headers", input.name);
        }
        const ByteReader reader(data, input.name);
        contents.precision = static_cast<int>(reader.big(0, 1));
        contents.height = static_cast<std::int64_t>(reader.big(1, 2));
        contents.width = static_cast<std::int64_t>(reader.big(3, 2));
        contents.channels = static_cast<std::int64_t>(reader.big(5, 1));
    } else if (marker == kApp0 && starts_with(data, kJfifMagic)) {
        note_jfif(data, metadata);
    } else if (marker == kApp1 && starts_with(data, kExifMagic) && metadata.exif.empty()) {
        const ByteView exif = data.subspan(kExifMagic.size());
        metadata.exif.assign(exif.begin(), exif.end());
    } else if (marker == kApp2 && starts_with(data, kIccMagic) && data.size() > 14) {
        const ByteView part = data.subspan(14);  // after the magic, a number and a count
        metadata.icc_profile.insert(metadata.icc_profile.end(), part.begin(), part.end());
    }
}

/// The offset of the next marker: of its code, after any 0xff bytes. Skips coded samples.
std::size_t next_marker(ByteView bytes, std::size_t at, const FileInput& input) {
    for (; at + 1 < bytes.size(); ++at) {
        const std::uint8_t code = bytes[at + 1];
        const bool in_samples = code == 0 || (code >= kFirstRestart && code <= kLastRestart);
        if (bytes[at] == 0xff && code != 0xff && !in_samples) return at + 1;
    }
    refuse_truncated(input);
}

/// Follows the markers to the end mark. libjpeg fills in what a cut file lacks with grey, and only
/// warns.
JpegContents walk_markers(const FileInput& input) {
    const ByteView bytes = input.bytes.view();
    JpegContents contents;
    for (std::size_t at = next_marker(bytes, 2, input);; at = next_marker(bytes, at, input)) {
        const std::uint8_t marker = bytes[at++];
        if (marker == kEnd) break;
        if (bytes.size() - at < 2) refuse_truncated(input);
        const std::size_t length = static_cast<std::size_t>(bytes[at] << 8 | bytes[at + 1]);
        if (length < 2 || bytes.size() - at < length) refuse_truncated(input);
        note_segment(marker, bytes.subspan(at + 2, length - 2), input, contents);
        contents.has_scan |= marker == kScan;
        at += length;
    }
    if (contents.channels == 0 || !contents.has_scan) {
        fail(ErrorKind::input, "{}: the JPEG is damaged: it holds no picture", input.name);
    }
    return contents;
}

/// libjpeg's warnings that mean wrong samples; others are harmless.
void check_messages(const FileInput& input, const std::string& messages) {
    for (const std::string_view words :
         {"premature end", "Premature end", "bad Huffman code", "Inconsistent progression",
          "Corrupt JPEG data: found marker", "arithmetic-coded"}) {
        if (messages.find(words) == messages.npos) continue;
        fail(ErrorKind::input, "{}: the JPEG is damaged: its samples are not complete", input.name);
    }
}

ImageDocument read_jpeg(FileInput input) {
    JpegContents contents = walk_markers(input);
    const std::int64_t decoded_channels = contents.channels == 1 ? 1 : 3;
    check_declared_size(input, {contents.width, contents.height, decoded_channels, 1});
    check_plausible(input, contents.width * contents.height, kBestRatio);
    if (contents.precision != 8) {
        fail(ErrorKind::unsupported, "{}: is a JPEG of {} bits a sample, only 8 are read",
             input.name, contents.precision);
    }
    DecodedPicture decoded = decode_with_opencv(input);
    check_messages(input, decoded.messages);
    ImageDocument document;
    document.metadata = std::move(contents.metadata);
    if (contents.channels == 4) {
        document.notes.emplace_back("CMYK converted to RGB without its colour profile");
        document.metadata.icc_profile.clear();
    }
    document.pages.push_back(std::move(decoded.picture));
    apply_orientation(document);
    return document;
}

void write_segment(ByteSink& sink, Marker marker, std::string_view magic, ByteView data) {
    const std::size_t length = magic.size() + data.size() + 2;
    const std::uint8_t head[] = {0xff, marker, static_cast<std::uint8_t>(length >> 8),
                                 static_cast<std::uint8_t>(length)};
    sink.write(ByteView(head));
    sink.write(magic);
    sink.write(data);
}

void write_metadata(ByteSink& sink, const Metadata& metadata, std::vector<std::string>& notes) {
    if (metadata.exif.size() + kExifMagic.size() > kLargestSegment) {
        notes.emplace_back("JPEG carries at most 64 KiB of EXIF, the input has more: left out");
    } else if (!metadata.exif.empty()) {
        write_segment(sink, kApp1, kExifMagic, metadata.exif);
    }
    const ByteView profile = metadata.icc_profile;
    const std::size_t most = kLargestSegment - kIccMagic.size() - 2;
    const std::size_t parts = (profile.size() + most - 1) / most;
    if (parts > 255) {
        notes.emplace_back("JPEG carries no colour profile of more than 16 MiB: left out");
        return;
    }
    for (std::size_t i = 0; i < parts; ++i) {
        const std::string magic =
            std::string(kIccMagic) + static_cast<char>(i + 1) + static_cast<char>(parts);
        write_segment(sink, kApp2, magic,
                      profile.subspan(i * most, std::min(most, profile.size() - i * most)));
    }
}

/// States dots per inch in the JFIF segment that the encoder begins with.
void set_resolution(std::vector<std::uint8_t>& bytes, const Metadata& metadata) {
    constexpr std::size_t kUnit = 13;
    if (!has_at(bytes, 6, kJfifMagic) || !metadata.has_resolution()) return;
    bytes[kUnit] = 1;
    std::size_t at = kUnit + 1;
    for (const double per_inch : {metadata.x_per_inch, metadata.y_per_inch}) {
        const auto dots = static_cast<unsigned>(std::lround(std::clamp(per_inch, 1.0, 65535.0)));
        bytes[at++] = static_cast<std::uint8_t>(dots >> 8);
        bytes[at++] = static_cast<std::uint8_t>(dots);
    }
}

void write_jpeg(ImageDocument document, const WriteOptions& options, ByteSink& sink,
                std::vector<std::string>& notes) {
    Image picture = std::move(document.pages.front());
    document.pages.clear();
    std::vector<std::uint8_t> bytes =
        encode_with_opencv(std::move(picture), ".jpg", {cv::IMWRITE_JPEG_QUALITY, options.quality});
    set_resolution(bytes, document.metadata);
    // EXIF comes after JFIF where that is there.
    const bool jfif = has_at(bytes, 6, kJfifMagic);
    const std::size_t head = jfif ? 4 + static_cast<std::size_t>(bytes[4] << 8 | bytes[5]) : 2;
    sink.write(ByteView(bytes).first(head));
    write_metadata(sink, document.metadata, notes);
    sink.write(ByteView(bytes).subspan(head));
}

}  // namespace

FileFormat jpeg_format() {
    return {{.name = "jpeg",
             .extensions = {"jpg", "jpeg", "jpe", "jfif"},
             .sample_types = {SampleType::u8},
             .colours = {1, 3},
             .alpha = false,
             .pages = false,
             .largest_side = 65500},
            is_jpeg,
            read_jpeg,
            write_jpeg};
}

}  // namespace conv
