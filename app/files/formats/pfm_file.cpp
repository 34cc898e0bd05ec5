#include "files/formats/pfm_file.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "files/pixel_rows.hpp"
#include "tensor/npy.hpp"

namespace conv {
namespace {

bool is_blank(std::uint8_t c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

bool is_pfm(ByteView head) {
    return (starts_with(head, "PF") || starts_with(head, "Pf")) && head.size() > 2 &&
           is_blank(head[2]);
}

struct PfmHeader {
    std::int64_t width = 0, height = 0, channels = 1;
    double scale = 0;        ///< its sign is the byte order
    std::size_t offset = 3;  ///< of the first sample
};

/// The next word; one blank after it is skipped too, and comment lines before it, which libvips
/// writes.
std::string_view next_word(ByteView bytes, std::size_t& offset, const std::string& name) {
    const auto skip = [&](auto matches) {
        while (offset < bytes.size() && matches(bytes[offset])) ++offset;
    };
    skip(is_blank);
    while (offset < bytes.size() && bytes[offset] == '#') {
        skip([](std::uint8_t c) { return c != '\n'; });
        skip(is_blank);
    }
    const std::size_t start = offset;
    while (offset < bytes.size() && !is_blank(bytes[offset])) ++offset;
    if (offset >= bytes.size()) {
        fail(ErrorKind::input, "{}: the PFM is truncated, its header has no end", name);
    }
    return {reinterpret_cast<const char*>(bytes.data()) + start, offset++ - start};
}

template <typename Number>
Number parse(std::string_view word, const std::string& name) {
    Number value = 0;
    const char* end = word.data() + word.size();
    const auto [rest, status] = std::from_chars(word.data(), end, value);
    if (status != std::errc() || rest != end) {
        fail(ErrorKind::input, "{}: '{}' in the PFM header is no number", name,
             display_name(std::string(word.substr(0, 32))));
    }
    return value;
}

PfmHeader read_header(ByteView bytes, const std::string& name) {
    PfmHeader header;
    header.channels = bytes[1] == 'F' ? 3 : 1;
    header.width = parse<std::int64_t>(next_word(bytes, header.offset, name), name);
    header.height = parse<std::int64_t>(next_word(bytes, header.offset, name), name);
    header.scale = parse<double>(next_word(bytes, header.offset, name), name);
    if (header.scale == 0 || !std::isfinite(header.scale)) {
        fail(ErrorKind::input, "{}: the PFM scale is {}, it must be a number other than 0", name,
             header.scale);
    }
    return header;
}

/// PFM keeps the bottom row first.
void flip_rows(Image& picture) {
    const std::int64_t row = picture.strides.H;
    auto* samples = picture.data<float>();
    for (std::int64_t y = 0; y < picture.shape.H / 2; ++y) {
        std::swap_ranges(samples + y * row, samples + (y + 1) * row,
                         samples + (picture.shape.H - 1 - y) * row);
    }
}

ImageDocument read_pfm(FileInput input) {
    const PfmHeader header = read_header(input.bytes.view(), input.name);
    check_declared_size(input, {header.width, header.height, header.channels, sizeof(float)});
    const std::int64_t count = header.width * header.height * header.channels;
    const std::size_t needed = static_cast<std::size_t>(count) * sizeof(float);
    if (input.bytes.size() - header.offset < needed) {
        fail(ErrorKind::input,
             "{}: the PFM is truncated, {} x {} pixels need {} bytes and {} are there", input.name,
             header.width, header.height, needed, input.bytes.size() - header.offset);
    }
    // Moved to the start of the file's memory, where they are aligned.
    auto samples = input.bytes.samples_from(0);
    std::memmove(samples.writable(), input.bytes.view().data() + header.offset, needed);
    if (header.scale > 0) swap_element_bytes(samples.writable(), count, sizeof(float));
    const Shape shape{1, header.channels, header.height, header.width};
    ImageDocument document;
    document.pages.push_back(
        {SampleType::f32, shape, interleaved_strides(shape), false, std::move(samples)});
    flip_rows(document.pages[0]);
    if (std::abs(header.scale) != 1) {
        document.notes.push_back(
            fmt::format("the PFM scale of {} does not change the samples", std::abs(header.scale)));
    }
    return document;
}

void write_pfm(ImageDocument document, const WriteOptions&, ByteSink& sink,
               std::vector<std::string>& notes) {
    Image picture = document.pages.front();
    sink.write(fmt::format("{}\n{} {}\n-1.0\n", picture.shape.C == 3 ? "PF" : "Pf", picture.shape.W,
                           picture.shape.H));
    const auto* last = picture.data<const float>() + (picture.shape.H - 1) * picture.strides.H;
    picture.samples = Samples(picture.samples, last);
    picture.strides.H = -picture.strides.H;
    write_rows(picture, sink);
    note_not_carried(document.metadata, "PFM", {}, notes);
}

}  // namespace

FileFormat pfm_format() {
    return {{.name = "pfm",
             .extensions = {"pfm"},
             .sample_types = {SampleType::f32},
             .colours = {1, 3},
             .alpha = false,
             .pages = false,
             .largest_side = std::numeric_limits<std::int64_t>::max()},
            is_pfm,
            read_pfm,
            write_pfm};
}

}  // namespace conv
