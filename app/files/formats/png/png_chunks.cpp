#include "files/formats/png/png_chunks.hpp"

#include <zlib.h>

#include <algorithm>

#include "base/size.hpp"
#include "files/formats/png/png_metadata.hpp"

namespace conv {
namespace {

/// Chunks larger than this, samples apart, are not kept: no profile or text is.
constexpr std::uint32_t kLargestKept = std::uint32_t{16} << 20;
constexpr std::uint32_t kLargestLength = 0x7fffffff;

std::uint32_t big(const std::uint8_t* bytes) {
    return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
           std::uint32_t{bytes[2]} << 8 | bytes[3];
}

PngHeader parse_header(ByteView data, const std::string& name) {
    if (data.size() != 13) refuse_png(name, "its header has a wrong length");
    PngHeader header;
    header.width = big(&data[0]);
    header.height = big(&data[4]);
    header.depth = data[8];
    header.colour_type = data[9];
    header.interlaced = data[12] == 1;
    // Depths that each colour type allows, one bit each; 0: no such colour type.
    constexpr int kDepths[] = {1 | 2 | 4 | 8 | 16, 0, 8 | 16, 1 | 2 | 4 | 8, 8 | 16, 0, 8 | 16};
    if (header.colour_type > kPngRgbAlpha || kDepths[header.colour_type] == 0)
        refuse_png(name, fmt::format("there is no colour type {}", header.colour_type));
    const bool power = header.depth <= 16 && (header.depth & (header.depth - 1)) == 0;
    if (!power || (kDepths[header.colour_type] & header.depth) == 0) {
        refuse_png(name, fmt::format("colour type {} has no depth of {} bits", header.colour_type,
                                     header.depth));
    }
    if (data[10] != 0 || data[11] != 0 || data[12] > 1) refuse_png(name, "its header is not valid");
    if (header.width < 1 || header.height < 1) {
        fail(ErrorKind::input, "{}: is an empty picture of {} x {} pixels", name, header.width,
             header.height);
    }
    if (header.width > kLargestLength || header.height > kLargestLength)
        refuse_png(name, "its header is not valid");
    return header;
}

[[noreturn]] void refuse_cut(const std::string& name) {
    fail(ErrorKind::input, "{}: the PNG is truncated, its end mark is missing", name);
}

}  // namespace

int PngHeader::stored_channels() const {
    constexpr int kChannels[] = {1, 0, 3, 1, 2, 0, 4};
    return kChannels[colour_type];
}

std::int64_t PngHeader::stored_row_bytes() const {
    return ceil_div(width * stored_channels() * depth, std::int64_t{8});
}

void refuse_png(const std::string& name, std::string_view what) {
    fail(ErrorKind::input, "{}: the PNG is damaged: {}", name, what);
}

PngChunks::PngChunks(ByteSource& source) : source_(source) {
    constexpr std::string_view kSignature = "\x89PNG\r\n\x1a\n";
    std::vector<std::uint8_t> signature(kSignature.size());
    read(signature.data(), signature.size());
    if (!starts_with(signature, kSignature))
        refuse_png(name(), "its signature was altered, as by a transfer in text mode");
    contents_.decoder_head = std::move(signature);
}

void PngChunks::read(std::uint8_t* out, std::size_t count) {
    if (source_.read(out, count) < count) refuse_cut(name());
}

ChunkHead PngChunks::next() {
    std::uint8_t bytes[8];
    read(bytes, sizeof(bytes));
    ChunkHead head{big(bytes), std::string(bytes + 4, bytes + 8)};
    const bool letters = std::all_of(head.type.begin(), head.type.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
    if (!letters || head.length > kLargestLength)
        refuse_png(name(), "what follows a chunk is no chunk");
    if ((contents_.header.width == 0) != (head.type == "IHDR"))
        refuse_png(name(), "its header is not first");
    return head;
}

std::vector<std::uint8_t> PngChunks::take_data(const ChunkHead& head) {
    std::vector<std::uint8_t> data;
    // Lengths that lie are found out before they are believed.
    constexpr std::size_t kStep = 1 << 20;
    for (std::size_t left = head.length; left > 0;) {
        const std::size_t step = std::min(left, kStep), at = data.size();
        data.resize(at + step);
        read(&data[at], step);
        left -= step;
    }
    std::uint8_t stated[4];
    read(stated, sizeof(stated));
    uLong sum = crc32(0, reinterpret_cast<const Bytef*>(head.type.data()), 4);
    // zlib takes a null pointer, as of an empty vector, for a wish to begin anew.
    if (!data.empty()) sum = crc32_z(sum, data.data(), data.size());
    if (sum != big(stated))
        refuse_png(name(), fmt::format("the checksum of chunk {} is wrong", head.type));
    return data;
}

void PngChunks::note(const ChunkHead& head, bool keep) {
    if (keep && head.length <= kLargestKept) return note_data(head, take_data(head));
    source_.seek(source_.position() + std::int64_t{head.length} + 4);
    if (keep && head.type[0] >= 'a') {
        contents_.metadata.losses.push_back(fmt::format("PNG chunk {} of {} is too large: left out",
                                                        head.type, format_bytes(head.length)));
    }
}

void PngChunks::note_data(const ChunkHead& head, ByteView data) {
    const bool decodes = head.type == "IHDR" || head.type == "PLTE" || head.type == "tRNS";
    if (decodes) {
        if (contents_.has_samples)
            refuse_png(name(), fmt::format("chunk {} comes after the samples", head.type));
        const std::vector<std::uint8_t> chunk = png_chunk(head.type, data);
        contents_.decoder_head.insert(contents_.decoder_head.end(), chunk.begin(), chunk.end());
    }
    if (head.type == "IHDR") {
        contents_.header = parse_header(data, name());
    } else if (head.type == "PLTE") {
        contents_.palette.assign(data.begin(), data.end());
    } else if (head.type == "tRNS") {
        contents_.has_transparency = true;
    } else if (head.type == "acTL") {
        contents_.frames = data.size() == 8 ? big(&data[0]) : 1;
    } else if (head.type == "IEND") {
        contents_.has_end = true;
    } else if (head.type[0] >= 'A' && head.type[0] <= 'Z') {
        refuse_png(name(), fmt::format("chunk {} is not known and cannot be skipped", head.type));
    } else {
        note_png_chunk(head.type, data, contents_);
    }
}

void PngChunks::scan_ahead(const ChunkHead& samples) {
    const std::int64_t begin = source_.position();
    note(samples, false);
    while (!contents_.has_end) {
        const ChunkHead head = next();
        note(head, head.type != "IDAT");
        if (source_.position() > *source_.size()) refuse_cut(name());
    }
    source_.seek(begin);
}

ChunkHead PngChunks::find_samples() {
    ChunkHead head = next();
    for (; head.type != "IDAT"; head = next()) {
        note(head, true);
        if (contents_.has_end) refuse_png(name(), "it holds no samples");
    }
    contents_.has_samples = true;
    if (source_.can_seek()) scan_ahead(head);
    return head;
}

}  // namespace conv
