#include "files/formats/webp/webp_file.hpp"

#include "base/resident_memory.hpp"
#include "files/exif.hpp"
#include "files/formats/webp/webp_codec.hpp"

namespace conv {
namespace {

constexpr std::size_t kRiffHead = 12;  // "RIFF", a size, "WEBP"
constexpr std::size_t kChunkHead = 8;
enum Feature : std::uint8_t {
    kAnimation = 0x02,
    kXmp = 0x04,
    kExif = 0x08,
    kAlpha = 0x10,
    kProfile = 0x20
};

bool is_webp(ByteView head) {
    return starts_with(head, "RIFF") && has_at(head, 8, "WEBP");
}

struct WebpContents {
    std::int64_t width = 0, height = 0;
    bool has_alpha = false, is_animated = false, has_samples = false;
    Metadata metadata;
};

struct Chunk {
    std::string_view type;
    ByteView data;
};

void note_size(const Chunk& chunk, const std::string& name, WebpContents& contents) {
    const ByteReader reader(chunk.data, name);
    if (chunk.type == "VP8X") {
        const auto features = static_cast<unsigned>(reader.little(0, 1));
        contents.has_alpha = (features & kAlpha) != 0;
        contents.is_animated = (features & kAnimation) != 0;
        contents.width = static_cast<std::int64_t>(reader.little(4, 3)) + 1;
        contents.height = static_cast<std::int64_t>(reader.little(7, 3)) + 1;
    } else if (chunk.type == "VP8 ") {
        contents.has_samples = true;
        contents.width = static_cast<std::int64_t>(reader.little(6, 2) & 0x3fff);
        contents.height = static_cast<std::int64_t>(reader.little(8, 2) & 0x3fff);
    } else if (chunk.type == "VP8L") {
        contents.has_samples = true;
        contents.metadata.coding.lossless_webp = true;
        const std::uint64_t bits = reader.little(1, 4);
        contents.width = static_cast<std::int64_t>(bits & 0x3fff) + 1;
        contents.height = static_cast<std::int64_t>(bits >> 14 & 0x3fff) + 1;
        contents.has_alpha = (bits >> 28 & 1) != 0;
    }
}

/// Calls `visit` with each chunk. Throws Error{input} when the file ends inside one.
template <typename Visit>
void for_each_chunk(ByteView bytes, const std::string& name, Visit visit) {
    const ByteReader reader(bytes, name);
    const std::size_t end = reader.little(4, 4) + 8;
    reader.part(0, end);
    for (std::size_t at = kRiffHead; at + kChunkHead <= end;) {
        const std::size_t length = reader.little(at + 4, 4);
        const ByteView whole = reader.part(at, kChunkHead + length);
        visit(Chunk{{reinterpret_cast<const char*>(whole.data()), 4}, whole.subspan(kChunkHead)});
        at += kChunkHead + length + length % 2;
    }
}

WebpContents walk_chunks(ByteView bytes, const std::string& name) {
    WebpContents contents;
    for_each_chunk(bytes, name, [&](const Chunk& chunk) {
        note_size(chunk, name, contents);
        if (chunk.type == "ICCP") {
            contents.metadata.icc_profile.assign(chunk.data.begin(), chunk.data.end());
        } else if (chunk.type == "EXIF") {
            // Some writers repeat the prefix of a JPEG segment.
            const std::string_view prefix("Exif\0\0", 6);
            const ByteView exif = chunk.data.subspan(starts_with(chunk.data, prefix) ? 6 : 0);
            contents.metadata.exif.assign(exif.begin(), exif.end());
        } else if (chunk.type == "XMP ") {
            contents.metadata.xmp.assign(chunk.data.begin(), chunk.data.end());
        }
    });
    return contents;
}

ImageDocument read_webp(FileInput input) {
    WebpContents contents = walk_chunks(input.bytes.view(), input.name);
    if (contents.is_animated) {
        fail(ErrorKind::unsupported,
             "{}: animated WebP files are not read, extract one picture first", input.name);
    }
    if (!contents.has_samples) fail(ErrorKind::input, "{}: the WebP holds no picture", input.name);
    check_declared_size(input, {contents.width, contents.height, contents.has_alpha ? 4 : 3, 1});
    ImageDocument document;
    document.pages.push_back(decode_webp(input.bytes.view(), input.name));
    document.metadata = std::move(contents.metadata);
    apply_orientation(document);
    return document;
}

void put_little(std::vector<std::uint8_t>& out, std::uint64_t value, int count) {
    for (int i = 0; i < count; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void put_chunk(std::vector<std::uint8_t>& out, std::string_view type, ByteView data) {
    out.insert(out.end(), type.begin(), type.end());
    put_little(out, data.size(), 4);
    out.insert(out.end(), data.begin(), data.end());
    if (data.size() % 2 != 0) out.push_back(0);
}

/// The extended form of an encoded picture: a chunk of features first, then profile, samples, EXIF,
/// XMP.
std::vector<std::uint8_t> with_metadata(ByteView encoded, const Metadata& metadata) {
    const std::string name = "the encoded WebP";
    const WebpContents contents = walk_chunks(encoded, name);
    std::vector<std::uint8_t> features;
    unsigned present = 0;
    if (contents.has_alpha) present |= kAlpha;
    if (!metadata.exif.empty()) present |= kExif;
    if (!metadata.icc_profile.empty()) present |= kProfile;
    if (!metadata.xmp.empty()) present |= kXmp;
    put_little(features, present, 4);
    put_little(features, static_cast<std::uint64_t>(contents.width - 1), 3);
    put_little(features, static_cast<std::uint64_t>(contents.height - 1), 3);

    std::vector<std::uint8_t> body;
    put_chunk(body, "VP8X", features);
    if (!metadata.icc_profile.empty()) put_chunk(body, "ICCP", metadata.icc_profile);
    for_each_chunk(encoded, name, [&](const Chunk& chunk) {
        if (chunk.type != "VP8X") put_chunk(body, chunk.type, chunk.data);
    });
    if (!metadata.exif.empty()) {
        std::vector<std::uint8_t> exif = metadata.exif;
        set_exif_size(exif, contents.width, contents.height);
        put_chunk(body, "EXIF", exif);
    }
    if (!metadata.xmp.empty()) put_chunk(body, "XMP ", metadata.xmp);

    std::vector<std::uint8_t> file;
    file.reserve(kRiffHead + body.size());
    for (const char c : std::string_view("RIFF")) file.push_back(static_cast<std::uint8_t>(c));
    put_little(file, body.size() + 4, 4);
    for (const char c : std::string_view("WEBP")) file.push_back(static_cast<std::uint8_t>(c));
    file.insert(file.end(), body.begin(), body.end());
    return file;
}

void write_webp(ImageDocument document, const WriteOptions& options, ByteSink& sink,
                std::vector<std::string>& notes) {
    constexpr int kDefaultQuality = 95;
    const Metadata& metadata = document.metadata;
    const bool keeps_lossless = metadata.coding.lossless_webp && !options.quality;
    const bool lossless = options.lossless || keeps_lossless;
    const Image& picture = document.pages.front();
    require_memory("encoding it as WebP", webp_encoder_bytes(picture.shape, lossless),
                   options.max_memory);
    const std::vector<std::uint8_t> bytes =
        encode_webp(picture, {lossless, options.quality.value_or(kDefaultQuality)});
    note_not_carried(metadata, "WebP", {.icc_profile = true, .exif = true, .xmp = true}, notes);
    const bool extended =
        !metadata.icc_profile.empty() || !metadata.exif.empty() || !metadata.xmp.empty();
    if (!extended) return sink.write(bytes);
    sink.write(with_metadata(bytes, metadata));
}

}  // namespace

FileFormat webp_format() {
    return {{.name = "webp",
             .extensions = {"webp"},
             .sample_types = {SampleType::u8},
             .colours = {1, 3},
             .alpha = true,
             .pages = false,
             .largest_side = 16383},
            is_webp,
            read_webp,
            write_webp};
}

}  // namespace conv
