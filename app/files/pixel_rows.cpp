#include "files/pixel_rows.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>
#include <vector>

namespace conv {
namespace {

/// Calls `body` with a null pointer of the sample type's unsigned integer.
template <typename Body>
void with_word(SampleType type, Body body) {
    switch (type) {
        case SampleType::u8:
            return body(static_cast<std::uint8_t*>(nullptr));
        case SampleType::u16:
            return body(static_cast<std::uint16_t*>(nullptr));
        case SampleType::f32:
            return body(static_cast<std::uint32_t*>(nullptr));
    }
}

}  // namespace

bool has_interleaved_rows(const Image& picture) {
    const bool channels_touch = picture.strides.C == 1 || picture.shape.C == 1;
    return channels_touch && picture.strides.W == picture.shape.C;
}

void copy_row(const Image& picture, std::int64_t y, void* row) {
    const auto [N, C, H, W] = picture.shape;
    const auto bytes = static_cast<std::int64_t>(sample_bytes(picture.type));
    const auto* from = picture.data<const std::byte>() + y * picture.strides.H * bytes;
    if (has_interleaved_rows(picture)) {
        std::memcpy(row, from, static_cast<std::size_t>(W * C * bytes));
        return;
    }
    with_word(picture.type, [&, C = C, W = W]<typename Word>(Word*) {
        const auto* source = reinterpret_cast<const Word*>(from);
        auto* out = static_cast<Word*>(row);
        for (std::int64_t c = 0; c < C; ++c) {
            const Word* channel = source + c * picture.strides.C;
            for (std::int64_t x = 0; x < W; ++x) out[x * C + c] = channel[x * picture.strides.W];
        }
    });
}

void paste_row(const void* row, const Image& picture, std::int64_t y) {
    const auto [N, C, H, W] = picture.shape;
    const auto bytes = static_cast<std::int64_t>(sample_bytes(picture.type));
    auto* to = picture.data<std::byte>() + y * picture.strides.H * bytes;
    if (has_interleaved_rows(picture)) {
        std::memcpy(to, row, static_cast<std::size_t>(W * C * bytes));
        return;
    }
    with_word(picture.type, [&, C = C, W = W]<typename Word>(Word*) {
        const auto* from = static_cast<const Word*>(row);
        for (std::int64_t c = 0; c < C; ++c) {
            Word* channel = reinterpret_cast<Word*>(to) + c * picture.strides.C;
            for (std::int64_t x = 0; x < W; ++x) channel[x * picture.strides.W] = from[x * C + c];
        }
    });
}

void copy_rows(const Image& from, const Image& to) {
    const bool planar = from.strides.W == 1 && to.strides.W == 1;
    const auto bytes = static_cast<std::int64_t>(sample_bytes(from.type));
    std::vector<std::byte> row(static_cast<std::size_t>(from.shape.W * from.shape.C * bytes));
    for (std::int64_t y = 0; y < from.shape.H; ++y) {
        for (std::int64_t c = 0; planar && c < from.shape.C; ++c) {
            std::memcpy(
                to.data<std::byte>() + (c * to.strides.C + y * to.strides.H) * bytes,
                from.data<const std::byte>() + (c * from.strides.C + y * from.strides.H) * bytes,
                static_cast<std::size_t>(from.shape.W * bytes));
        }
        if (planar) continue;
        copy_row(from, y, row.data());
        paste_row(row.data(), to, y);
    }
}

void write_rows(const Image& picture, ByteSink& sink,
                const std::function<void(void*, std::int64_t)>& prepare) {
    const auto [N, C, H, W] = picture.shape;
    const auto row_bytes = W * C * static_cast<std::int64_t>(sample_bytes(picture.type));
    if (!prepare && has_interleaved_rows(picture) && picture.strides.H == W * C) {
        return sink.write(
            ByteView(picture.data<const std::uint8_t>(), static_cast<std::size_t>(H * row_bytes)));
    }
    constexpr std::int64_t kBlockBytes = 256 << 10;  // few system calls, little memory
    const std::int64_t rows = std::clamp<std::int64_t>(kBlockBytes / row_bytes, 1, H);
    std::vector<std::uint8_t> block(static_cast<std::size_t>(rows * row_bytes));
    for (std::int64_t y = 0; y < H; y += rows) {
        const std::int64_t count = std::min(rows, H - y);
        for (std::int64_t i = 0; i < count; ++i)
            copy_row(picture, y + i, &block[static_cast<std::size_t>(i * row_bytes)]);
        if (prepare) prepare(block.data(), count * W * C);
        sink.write(ByteView(block).first(static_cast<std::size_t>(count * row_bytes)));
    }
}

Image owned_interleaved(Image picture) {
    const auto [N, C, H, W] = picture.shape;
    const bool dense = has_interleaved_rows(picture) && picture.strides.H == W * C;
    if (dense && picture.samples.spent_with_holder()) return picture;
    Image copy = Image::interleaved(picture.type, C, H, W, picture.has_alpha);
    const auto row_bytes = W * C * static_cast<std::int64_t>(sample_bytes(picture.type));
    for (std::int64_t y = 0; y < H; ++y)
        copy_row(picture, y, copy.data<std::byte>() + y * row_bytes);
    return copy;
}

void swap_red_and_blue(Image& picture) {
    const auto [N, C, H, W] = picture.shape;
    with_word(picture.type, [&, C = C, H = H, W = W]<typename Word>(Word*) {
        for (std::int64_t y = 0; y < H; ++y) {
            Word* pixel = picture.data<Word>() + y * picture.strides.H;
            for (std::int64_t x = 0; x < W; ++x, pixel += C) std::swap(pixel[0], pixel[2]);
        }
    });
}

Image grey_alpha_as_rgba(const Image& picture) {
    const auto [N, C, H, W] = picture.shape;
    Image out = Image::interleaved(picture.type, 4, H, W, true);
    with_word(picture.type, [&, H = H, W = W]<typename Word>(Word*) {
        Word* pixel = out.data<Word>();
        for (std::int64_t y = 0; y < H; ++y) {
            const Word* in = picture.data<const Word>() + y * picture.strides.H;
            for (std::int64_t x = 0; x < W; ++x, in += picture.strides.W, pixel += 4) {
                pixel[0] = pixel[1] = pixel[2] = in[0];
                pixel[3] = in[picture.strides.C];
            }
        }
    });
    return out;
}

Image oriented(Image picture, int orientation) {
    if (orientation <= 1 || orientation > 8) return picture;
    // The tags in terms of a transposition, then mirrored columns and rows of the seen picture.
    constexpr std::array kMirrorColumns = {false, true, true, false, false, true, true, false};
    constexpr std::array kMirrorRows = {false, false, true, true, false, false, true, true};
    const auto tag = static_cast<std::size_t>(orientation - 1);
    const bool transpose = orientation >= 5;
    const auto [N, C, H, W] = picture.shape;
    Image seen = Image::interleaved(picture.type, C, transpose ? W : H, transpose ? H : W,
                                    picture.has_alpha);
    std::int64_t row_step = transpose ? picture.strides.W : picture.strides.H;
    std::int64_t column_step = transpose ? picture.strides.H : picture.strides.W;
    std::int64_t origin = 0;
    if (kMirrorColumns[tag]) {
        origin += (seen.shape.W - 1) * column_step;
        column_step = -column_step;
    }
    if (kMirrorRows[tag]) {
        origin += (seen.shape.H - 1) * row_step;
        row_step = -row_step;
    }
    with_word(picture.type, [&, C = C]<typename Word>(Word*) {
        Word* out = seen.data<Word>();
        for (std::int64_t y = 0; y < seen.shape.H; ++y) {
            for (std::int64_t x = 0; x < seen.shape.W; ++x) {
                const Word* in =
                    picture.data<const Word>() + origin + y * row_step + x * column_step;
                for (std::int64_t c = 0; c < C; ++c) *out++ = in[c * picture.strides.C];
            }
        }
    });
    return seen;
}

void scale_to_full_range(Image& picture, std::uint32_t maximum) {
    if (picture.type == SampleType::f32) return;
    const std::uint32_t full = picture.type == SampleType::u8 ? 255 : 65535;
    if (maximum == full) return;
    const std::int64_t count = picture.shape.C * picture.shape.H * picture.shape.W;
    with_word(picture.type, [&]<typename Word>(Word*) {
        std::vector<Word> scaled(full + 1);
        for (std::uint32_t value = 0; value <= full; ++value) {
            const std::uint32_t known = std::min(value, maximum);
            scaled[value] =
                static_cast<Word>((std::uint64_t{known} * full + maximum / 2) / maximum);
        }
        Word* samples = picture.data<Word>();
        for (std::int64_t i = 0; i < count; ++i) samples[i] = scaled[samples[i] & full];
    });
}

void swap_bytes_16(void* samples, std::int64_t count) {
    auto* values = static_cast<std::uint16_t*>(samples);
    for (std::int64_t i = 0; i < count; ++i) {
        values[i] = static_cast<std::uint16_t>(values[i] << 8 | values[i] >> 8);
    }
}

}  // namespace conv
