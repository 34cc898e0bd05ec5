#include "files/formats/exr_file.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "base/size.hpp"
#include "files/opencv_codec.hpp"
#include "files/pixel_rows.hpp"

namespace conv {
namespace {

constexpr std::string_view kMagic("\x76\x2f\x31\x01", 4);
enum Flag : unsigned { kLongNames = 0x400, kDeep = 0x800, kParts = 0x1000 };
enum PixelType { kUnsigned = 0 };

bool is_exr(ByteView head) {
    return starts_with(head, kMagic);
}

struct ExrHeader {
    std::vector<std::string> channels;
    bool has_integers = false;
    std::int64_t width = 0, height = 0;
};

/// A name that ends with a zero byte; moves `at` past it.
std::string zero_ended(const ByteReader& reader, std::size_t& at, const std::string& name) {
    std::string text;
    constexpr std::size_t kLongest = 255;
    while (const std::uint64_t c = reader.little(at++, 1)) {
        text += static_cast<char>(c);
        if (text.size() > kLongest) fail(ErrorKind::input, "{}: the EXR header is damaged", name);
    }
    return text;
}

void read_channels(ByteView data, const std::string& name, ExrHeader& header) {
    const ByteReader reader(data, name);
    for (std::size_t at = 0;;) {
        const std::string channel = zero_ended(reader, at, name);
        if (channel.empty()) return;
        header.has_integers |= reader.little(at, 4) == kUnsigned;
        header.channels.push_back(channel);
        at += 16;  // type, linearity and sampling
    }
}

void read_window(ByteView data, const std::string& name, ExrHeader& header) {
    const ByteReader reader(data, name);
    const auto side = [&](std::size_t least, std::size_t most) {
        const auto first = static_cast<std::int32_t>(reader.little(least, 4));
        const auto last = static_cast<std::int32_t>(reader.little(most, 4));
        return std::int64_t{last} - first + 1;
    };
    header.width = side(0, 8);
    header.height = side(4, 12);
}

ExrHeader read_header(const FileInput& input) {
    const ByteReader reader(input.bytes.view(), input.name);
    const std::uint64_t flags = reader.little(4, 4);
    if ((flags & (kDeep | kParts)) != 0) {
        fail(ErrorKind::unsupported, "{}: EXR files of several parts or deep samples are not read",
             input.name);
    }
    ExrHeader header;
    for (std::size_t at = 8;;) {
        const std::string attribute = zero_ended(reader, at, input.name);
        if (attribute.empty()) return header;
        zero_ended(reader, at, input.name);
        const std::size_t size = reader.little(at, 4);
        const ByteView data = reader.part(at + 4, size);
        if (attribute == "channels") read_channels(data, input.name, header);
        if (attribute == "dataWindow") read_window(data, input.name, header);
        at += 4 + size;
    }
}

/// Channels as the decoder delivers them for each set of names that is read: their number, and
/// which of them holds the samples where the file has one only.
struct Layout {
    std::int64_t channels;
    std::optional<std::int64_t> only;
};

Layout layout_of(ExrHeader header, const std::string& name) {
    static const std::map<std::vector<std::string>, Layout> layouts = {
        {{"Y"}, {1, std::nullopt}},
        {{"R"}, {3, 0}},
        {{"G"}, {3, 1}},
        {{"B"}, {3, 2}},
        {{"B", "G", "R"}, {3, std::nullopt}},
        {{"A", "B", "G", "R"}, {4, std::nullopt}}};
    std::sort(header.channels.begin(), header.channels.end());
    const auto found = layouts.find(header.channels);
    if (found == layouts.end() || header.has_integers) {
        fail(ErrorKind::unsupported,
             "{}: its EXR channels {}{} are not read; Y, R G B and R G B A of floats are", name,
             display_name(fmt::format("{}", fmt::join(header.channels, " "))),
             header.has_integers ? " of integers" : "");
    }
    return found->second;
}

ImageDocument read_exr(FileInput input) {
    const ExrHeader header = read_header(input);
    const Layout layout = layout_of(header, input.name);
    check_declared_size(input, {header.width, header.height, layout.channels, sizeof(float)});
    // Constant blocks of 4 x 4 samples in 3 bytes, deflated on top: nothing packs a float better.
    check_plausible(input, header.width * header.height * layout.channels * 2, 20'000);
    Image picture = decode_with_opencv(input).picture;
    picture.has_alpha = false;  // its colours are multiplied by it already: one more channel
    if (layout.only && picture.shape.C >= 3) {
        const auto* first = picture.data<const float>() + *layout.only;
        picture.samples = Samples(picture.samples, first);
        picture.shape.C = 1;
    }
    ImageDocument document;
    document.pages.push_back(std::move(picture));
    return document;
}

/// EXR keeps colours multiplied by alpha.
void multiply_by_alpha(Image& picture) {
    auto* pixel = picture.data<float>();
    for (std::int64_t i = 0; i < picture.shape.H * picture.shape.W; ++i, pixel += 4) {
        for (int c = 0; c < 3; ++c) pixel[c] *= pixel[3];
    }
}

void write_exr(ImageDocument document, const WriteOptions&, ByteSink& sink,
               std::vector<std::string>& notes) {
    Image picture = std::move(document.pages.front());
    document.pages.clear();
    if (picture.has_alpha) {
        picture = picture.shape.C == 2 ? grey_alpha_as_rgba(picture)
                                       : owned_interleaved(std::move(picture));
        multiply_by_alpha(picture);
    }
    sink.write(encode_with_opencv(std::move(picture), ".exr", {}));
    note_not_carried(document.metadata, "EXR", {}, notes);
}

}  // namespace

FileFormat exr_format() {
    return {{.name = "exr",
             .extensions = {"exr"},
             .sample_types = {SampleType::f32},
             .colours = {1, 3, 4},
             .alpha = true,
             .pages = false,
             .largest_side = 1'000'000},
            is_exr,
            read_exr,
            write_exr};
}

}  // namespace conv
