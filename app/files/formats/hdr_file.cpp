#include "files/formats/hdr_file.hpp"

#include <charconv>
#include <limits>

#include "files/opencv_codec.hpp"
#include "files/pixel_rows.hpp"

namespace conv {
namespace {

/// Runs of at most 127 equal bytes take two.
constexpr std::int64_t kBestRatio = 64;

bool is_hdr(ByteView head) {
    return starts_with(head, "#?RADIANCE") || starts_with(head, "#?RGBE");
}

[[noreturn]] void refuse(const FileInput& input, std::string_view what) {
    fail(ErrorKind::input, "{}: the HDR is damaged: {}", input.name, what);
}

/// The line that begins at `at`; moves `at` past it.
std::string_view next_line(std::string_view text, std::size_t& at, const FileInput& input) {
    const std::size_t end = text.find('\n', at);
    constexpr std::size_t kLongest = 4096;
    if (end == text.npos || end - at > kLongest) refuse(input, "its header has no end");
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    return line;
}

std::int64_t number(std::string_view text, const FileInput& input) {
    std::int64_t value = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status != std::errc() || end != text.data() + text.size())
        refuse(input, "it states no size");
    return value;
}

DeclaredSize read_header(const FileInput& input) {
    const ByteView bytes = input.bytes.view();
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    std::size_t at = 0;
    for (std::string_view line = next_line(text, at, input); !line.empty();
         line = next_line(text, at, input)) {
        if (line.starts_with("FORMAT=") && line != "FORMAT=32-bit_rle_rgbe") {
            fail(ErrorKind::unsupported, "{}: '{}' of an HDR file is not read, 32-bit_rle_rgbe is",
                 input.name, display_name(std::string(line)));
        }
    }
    const std::string_view size = next_line(text, at, input);
    const std::size_t columns = size.find(" +X ");
    if (!size.starts_with("-Y ") || columns == size.npos) {
        fail(ErrorKind::unsupported, "{}: an HDR of orientation '{}' is not read, -Y +X is",
             input.name, display_name(std::string(size.substr(0, 32))));
    }
    return {number(size.substr(columns + 4), input), number(size.substr(3, columns - 3), input), 3,
            sizeof(float)};
}

ImageDocument read_hdr(FileInput input) {
    const DeclaredSize size = read_header(input);
    check_declared_size(input, size);
    check_plausible(input, size.width * size.height * 4, kBestRatio);
    ImageDocument document;
    document.pages.push_back(decode_with_opencv(input).picture);
    return document;
}

/// RGBE has no sign and no NaN: these become 0. Returns how many there were.
std::int64_t clear_unholdable(Image& picture) {
    std::int64_t cleared = 0;
    auto* samples = picture.data<float>();
    for (std::int64_t i = 0; i < picture.shape.C * picture.shape.H * picture.shape.W; ++i) {
        if (samples[i] >= 0) continue;
        samples[i] = 0;
        ++cleared;
    }
    return cleared;
}

void write_hdr(ImageDocument document, const WriteOptions&, ByteSink& sink,
               std::vector<std::string>& notes) {
    Image picture = owned_interleaved(std::move(document.pages.front()));
    document.pages.clear();
    if (const std::int64_t cleared = clear_unholdable(picture)) {
        notes.push_back(fmt::format(
            "HDR holds no negative values: {} became 0, .tif or .pfm keep them", cleared));
    }
    sink.write(encode_with_opencv(std::move(picture), ".hdr", {}));
    note_not_carried(document.metadata, "HDR", {}, notes);
}

}  // namespace

FileFormat hdr_format() {
    return {{.name = "hdr",
             .extensions = {"hdr", "pic"},
             .sample_types = {SampleType::f32},
             .colours = {1, 3},
             .alpha = false,
             .pages = false,
             .largest_side = 1'000'000},
            is_hdr,
            read_hdr,
            write_hdr};
}

}  // namespace conv
