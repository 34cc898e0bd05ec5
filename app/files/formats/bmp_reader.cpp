#include "files/formats/bmp_reader.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <cstring>

#include "base/size.hpp"

namespace conv {
namespace {

enum Compression { kPlain = 0, kRuns8 = 1, kRuns4 = 2, kMasks = 3, kAlphaMasks = 6 };
constexpr std::size_t kOldHead = 12, kWindowsHead = 40, kOs2Head = 64;

struct Colour {
    std::uint8_t red = 0, green = 0, blue = 0;
};

struct BmpHeader {
    std::size_t size = 0, offset = 0;
    std::int64_t width = 0, height = 0, bits = 0, compression = kPlain, palette_size = 0;
    bool top_down = false;
    std::array<std::uint32_t, 4> masks{};  ///< red, green, blue, alpha

    bool is_old() const { return size == kOldHead; }
    bool has_runs() const { return compression == kRuns8 || compression == kRuns4; }
    bool has_palette() const { return bits <= 8; }
    std::int64_t row_bytes() const { return ceil_div(width * bits, 32) * 4; }
};

[[noreturn]] void refuse(const FileInput& input, std::string_view what) {
    fail(ErrorKind::input, "{}: the BMP is damaged: {}", input.name, what);
}

/// Reads the fields that only newer headers have.
void read_new_fields(const ByteReader& reader, BmpHeader& header) {
    header.compression = static_cast<std::int64_t>(reader.little(kBmpFileHead + 16, 4));
    header.palette_size = header.size < kWindowsHead
                              ? 0
                              : static_cast<std::int64_t>(reader.little(kBmpFileHead + 32, 4));
    const bool inside = header.size >= 52 && header.size != kOs2Head;
    const bool masks = header.compression == kMasks || header.compression == kAlphaMasks;
    const bool alpha = header.compression == kAlphaMasks || (inside && header.size >= 56);
    if (masks) {
        for (std::size_t c = 0; c < (alpha ? 4 : 3); ++c) {
            header.masks[c] =
                static_cast<std::uint32_t>(reader.little(kBmpFileHead + 40 + 4 * c, 4));
        }
    } else if (header.bits == 16) {
        header.masks = {0x7c00, 0x03e0, 0x001f, 0};
    } else if (header.bits == 32) {
        header.masks = {0xff0000, 0xff00, 0xff, 0};
    }
    // Masks between a short header and the palette.
    if (masks && !inside) header.size += header.compression == kAlphaMasks ? 16 : 12;
}

BmpHeader read_header(const FileInput& input) {
    const ByteReader reader(input.bytes.view(), input.name);
    BmpHeader header;
    header.offset = reader.little(10, 4);
    header.size = reader.little(kBmpFileHead, 4);
    constexpr std::array<std::size_t, 8> kSizes = {12, 16, 40, 52, 56, 64, 108, 124};
    if (std::find(kSizes.begin(), kSizes.end(), header.size) == kSizes.end()) {
        refuse(input, fmt::format("there is no header of {} bytes", header.size));
    }
    const std::size_t side = header.is_old() ? 2 : 4;
    const auto wide = reader.little(kBmpFileHead + 4, side);
    const auto high = reader.little(kBmpFileHead + 4 + side, side);
    header.width = side == 4 ? static_cast<std::int32_t>(wide) : static_cast<std::int64_t>(wide);
    header.height = side == 4 ? static_cast<std::int32_t>(high) : static_cast<std::int64_t>(high);
    header.top_down = header.height < 0;
    header.height = std::abs(header.height);
    header.bits = static_cast<std::int64_t>(reader.little(kBmpFileHead + 4 + 2 * side + 2, 2));
    if (header.size > 16) read_new_fields(reader, header);
    return header;
}

void check_header(const BmpHeader& header, const FileInput& input) {
    constexpr std::array<std::int64_t, 7> kBits = {1, 2, 4, 8, 16, 24, 32};
    if (std::find(kBits.begin(), kBits.end(), header.bits) == kBits.end()) {
        refuse(input, fmt::format("there are no pixels of {} bits", header.bits));
    }
    const bool fits = header.compression == kPlain ||
                      (header.compression == kRuns8 && header.bits == 8) ||
                      (header.compression == kRuns4 && header.bits == 4) ||
                      ((header.compression == kMasks || header.compression == kAlphaMasks) &&
                       (header.bits == 16 || header.bits == 32) && header.size != kOs2Head);
    if (!fits) {
        fail(ErrorKind::unsupported,
             "{}: BMP compression {} at {} bits is not read, save it as PNG", input.name,
             header.compression, header.bits);
    }
    if (header.has_runs() && header.top_down)
        refuse(input, "coded runs cannot go from the top down");
    for (const std::uint32_t mask : header.masks) {
        const std::uint32_t shifted = mask == 0 ? 0 : mask >> std::countr_zero(mask);
        if ((shifted & (shifted + 1)) != 0) refuse(input, "a channel mask has holes");
    }
    const std::int64_t channels = header.masks[3] != 0 ? 4 : 3;
    check_declared_size(input, {header.width, header.height, channels, 1});
    if (header.offset > input.bytes.size()) refuse(input, "its samples lie beyond its end");
    if (header.offset < kBmpFileHead + header.size) refuse(input, "its samples lie in its header");
    const auto held = static_cast<std::int64_t>(input.bytes.size() - header.offset);
    if (!header.has_runs() && held < header.row_bytes() * header.height) {
        fail(ErrorKind::input,
             "{}: the BMP is truncated, {} x {} pixels need {} bytes and {} are there", input.name,
             header.width, header.height, header.row_bytes() * header.height, held);
    }
    // Two bytes make a run of at most 255 pixels; skipped rows cost nothing but are few.
    if (header.has_runs()) check_plausible(input, header.width * header.height, 100'000);
}

std::vector<Colour> read_palette(const BmpHeader& header, const FileInput& input) {
    const std::size_t each = header.is_old() ? 3 : 4;
    const std::size_t start = kBmpFileHead + header.size;
    const std::size_t most = std::size_t{1} << header.bits;
    std::size_t count = header.palette_size > 0
                            ? std::min(most, static_cast<std::size_t>(header.palette_size))
                            : most;
    const auto stated = static_cast<std::uint64_t>(header.palette_size);
    if (header.offset < start || stated > (header.offset - start) / each) {
        refuse(input, fmt::format("it states {} colours and has room for {}", stated,
                                  header.offset < start ? 0 : (header.offset - start) / each));
    }
    // Where the samples begin bounds the palette of files that leave entries out.
    if (header.offset > start) count = std::min(count, (header.offset - start) / each);
    const ByteView bytes = ByteReader(input.bytes.view(), input.name).part(start, count * each);
    std::vector<Colour> palette;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint8_t* entry = &bytes[i * each];
        palette.push_back({entry[2], entry[1], entry[0]});
    }
    return palette;
}

/// Palette indices of a run-length coded picture, bottom row first; skipped pixels are 0.
std::vector<std::uint8_t> decode_runs(const BmpHeader& header, const FileInput& input) {
    const ByteReader reader(input.bytes.view(), input.name);
    std::vector<std::uint8_t> indices(static_cast<std::size_t>(header.width * header.height));
    std::int64_t x = 0, y = 0;
    // Some writers, ImageMagick among them, code rows with the padding of plain ones.
    const std::int64_t padded_width = header.row_bytes() * 8 / header.bits;
    const auto put = [&](std::uint64_t index) {
        if (x >= padded_width || y >= header.height) refuse(input, "a run leaves the picture");
        if (x < header.width) {
            indices[static_cast<std::size_t>(y * header.width + x)] =
                static_cast<std::uint8_t>(index);
        }
        ++x;
    };
    const bool nibbles = header.compression == kRuns4;
    for (std::size_t at = header.offset;;) {
        const std::uint64_t count = reader.little(at, 1), value = reader.little(at + 1, 1);
        at += 2;
        if (count > 0) {
            for (std::uint64_t i = 0; i < count; ++i) {
                put(nibbles ? (i % 2 == 0 ? value >> 4 : value & 15) : value);
            }
        } else if (value == 0) {  // the next row
            x = 0;
            ++y;
        } else if (value == 1) {
            return indices;
        } else if (value == 2) {  // a step to the right and up
            x += static_cast<std::int64_t>(reader.little(at, 1));
            y += static_cast<std::int64_t>(reader.little(at + 1, 1));
            at += 2;
        } else {  // `value` indices as they are, padded to an even number of bytes
            for (std::uint64_t i = 0; i < value; ++i) {
                const std::uint64_t byte = reader.little(at + (nibbles ? i / 2 : i), 1);
                put(nibbles ? (i % 2 == 0 ? byte >> 4 : byte & 15) : byte);
            }
            at += ((nibbles ? (value + 1) / 2 : value) + 1) / 2 * 2;
        }
    }
}

Image read_indexed(const BmpHeader& header, const FileInput& input) {
    const std::vector<Colour> palette = read_palette(header, input);
    const bool grey = std::all_of(palette.begin(), palette.end(), [](const Colour& colour) {
        return colour.red == colour.green && colour.green == colour.blue;
    });
    const std::vector<std::uint8_t> runs =
        header.has_runs() ? decode_runs(header, input) : std::vector<std::uint8_t>();
    const std::uint8_t* stored = input.bytes.view().data() + header.offset;
    Image picture = Image::interleaved(SampleType::u8, grey ? 1 : 3, header.height, header.width);
    const unsigned largest = (1U << header.bits) - 1;
    for (std::int64_t y = 0; y < header.height; ++y) {
        auto* out = picture.data<std::uint8_t>() +
                    (header.top_down ? y : header.height - 1 - y) * picture.strides.H;
        for (std::int64_t x = 0; x < header.width; ++x) {
            const std::int64_t bit = x * header.bits;
            const unsigned byte = header.has_runs() ? 0 : stored[y * header.row_bytes() + bit / 8];
            const std::size_t index = header.has_runs()
                                          ? runs[static_cast<std::size_t>(y * header.width + x)]
                                          : byte >> (8 - header.bits - bit % 8) & largest;
            if (index >= palette.size()) refuse(input, "a pixel is not in the palette");
            const Colour& colour = palette[index];
            *out++ = colour.red;
            if (grey) continue;
            *out++ = colour.green;
            *out++ = colour.blue;
        }
    }
    return picture;
}

/// One channel of a pixel, widened or narrowed to 8 bits.
std::uint8_t masked(std::uint32_t pixel, std::uint32_t mask) {
    if (mask == 0) return 0;
    const int shift = std::countr_zero(mask);
    const std::uint64_t largest = mask >> shift;
    const std::uint64_t value = (pixel & mask) >> shift;
    return static_cast<std::uint8_t>((value * 255 + largest / 2) / largest);
}

Image read_direct(const BmpHeader& header, const FileInput& input) {
    const bool has_alpha = header.masks[3] != 0;
    const std::size_t channels = has_alpha ? 4 : 3;
    const auto pixel_bytes = static_cast<std::size_t>(header.bits / 8);
    Image picture = Image::interleaved(SampleType::u8, static_cast<std::int64_t>(channels),
                                       header.height, header.width, has_alpha);
    for (std::int64_t y = 0; y < header.height; ++y) {
        const std::uint8_t* stored =
            input.bytes.view().data() + header.offset + y * header.row_bytes();
        auto* out = picture.data<std::uint8_t>() +
                    (header.top_down ? y : header.height - 1 - y) * picture.strides.H;
        for (std::int64_t x = 0; x < header.width; ++x, stored += pixel_bytes, out += channels) {
            if (header.bits == 24) {
                std::reverse_copy(stored, stored + 3, out);
                continue;
            }
            std::uint32_t pixel = 0;
            std::memcpy(&pixel, stored, pixel_bytes);
            for (std::size_t c = 0; c < channels; ++c) out[c] = masked(pixel, header.masks[c]);
        }
    }
    return picture;
}

}  // namespace

// By value as the table of formats has it.
ImageDocument read_bmp(FileInput input) {  // NOLINT(performance-unnecessary-value-param)
    const BmpHeader header = read_header(input);
    check_header(header, input);
    ImageDocument document;
    document.pages.push_back(header.has_palette() ? read_indexed(header, input)
                                                  : read_direct(header, input));
    if (header.has_palette() && document.pages[0].shape.C == 3) {
        document.notes.emplace_back("palette expanded to RGB");
    }
    return document;
}

}  // namespace conv
