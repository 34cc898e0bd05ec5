#include "files/formats/bmp_file.hpp"

#include "files/formats/bmp_reader.hpp"
#include "files/pixel_rows.hpp"

namespace conv {
namespace {

constexpr std::size_t kInfoHead = 40, kGreyPalette = 1024;  // 256 times 4 bytes

bool is_bmp(ByteView head) {
    // The header's own length follows at 14; text that begins with BM has none that is known.
    return starts_with(head, "BM") && head.size() >= 18 && head[15] == 0 && head[16] == 0 &&
           head[17] == 0;
}

void put(std::string& out, std::uint64_t value, int count) {
    for (int i = 0; i < count; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

std::string header_of(const Image& picture, std::uint64_t row_bytes, const Metadata& metadata) {
    const bool grey = picture.shape.C == 1;
    const std::uint64_t offset = kBmpFileHead + kInfoHead + (grey ? kGreyPalette : 0);
    const auto height = static_cast<std::uint64_t>(picture.shape.H);
    constexpr double kInchesPerMetre = 39.3700787;
    std::string head = "BM";
    put(head, offset + row_bytes * height, 4);
    put(head, 0, 4);
    put(head, offset, 4);
    put(head, kInfoHead, 4);
    put(head, static_cast<std::uint64_t>(picture.shape.W), 4);
    put(head, height, 4);
    put(head, 1, 2);
    put(head, grey ? 8 : 24, 2);
    put(head, 0, 4);
    put(head, row_bytes * height, 4);
    for (const double per_inch : {metadata.x_per_inch, metadata.y_per_inch}) {
        const double dots = metadata.has_resolution() ? per_inch * kInchesPerMetre + 0.5 : 0;
        put(head, static_cast<std::uint64_t>(dots), 4);
    }
    put(head, grey ? 256 : 0, 4);
    put(head, 0, 4);
    for (std::uint64_t level = 0; grey && level < 256; ++level) put(head, level * 0x010101, 4);
    return head;
}

void write_bmp(ImageDocument document, const WriteOptions&, ByteSink& sink,
               std::vector<std::string>& notes) {
    const Image& picture = document.pages.front();
    const std::size_t samples = static_cast<std::size_t>(picture.shape.W * picture.shape.C);
    std::vector<std::uint8_t> row((samples + 3) / 4 * 4);
    constexpr std::uint64_t kLargest = (std::uint64_t{1} << 32) - 4096;
    if (row.size() * static_cast<std::uint64_t>(picture.shape.H) > kLargest) {
        fail(ErrorKind::unsupported, "{} x {} pixels do not fit BMP's 4 GiB: use .tif or .npy",
             picture.shape.W, picture.shape.H);
    }
    sink.write(header_of(picture, row.size(), document.metadata));
    for (std::int64_t y = picture.shape.H; y-- > 0;) {
        copy_row(picture, y, row.data());
        for (std::size_t i = 0; picture.shape.C == 3 && i < samples; i += 3) {
            std::swap(row[i], row[i + 2]);
        }
        sink.write(row);
    }
    note_not_carried(document.metadata, "BMP", {}, notes);
}

}  // namespace

FileFormat bmp_format() {
    return {{.name = "bmp",
             .extensions = {"bmp", "dib"},
             .sample_types = {SampleType::u8},
             .colours = {1, 3},
             .alpha = false,
             .pages = false,
             .largest_side = 2'000'000'000},
            is_bmp,
            read_bmp,
            write_bmp};
}

}  // namespace conv
