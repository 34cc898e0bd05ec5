#include "files/formats/hdr/hdr_pixels.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.hpp"

namespace conv {
namespace {

constexpr std::int64_t kLeastRunWidth = 8, kMostRunWidth = 32767;
constexpr int kLongestRun = 127, kShortestRun = 4;
constexpr std::size_t kBufferBytes = 64 << 10;

/// The bytes of one kind of a scanline as runs (128 + length, value) and literals.
void append_runs(const std::vector<std::uint8_t>& bytes, std::vector<std::uint8_t>& out) {
    const auto run_at = [&](std::size_t i) {
        std::size_t end = i + 1;
        while (end < bytes.size() && bytes[end] == bytes[i] && end - i < kLongestRun) ++end;
        return end - i;
    };
    for (std::size_t at = 0; at < bytes.size();) {
        if (const std::size_t run = run_at(at); run >= kShortestRun) {
            out.push_back(static_cast<std::uint8_t>(128 + run));
            out.push_back(bytes[at]);
            at += run;
            continue;
        }
        std::size_t end = at + 1;
        while (end < bytes.size() && end - at < 128 && run_at(end) < kShortestRun) ++end;
        out.push_back(static_cast<std::uint8_t>(end - at));
        out.insert(out.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at),
                   bytes.begin() + static_cast<std::ptrdiff_t>(end));
        at = end;
    }
}

}  // namespace

void decode_rgbe(const std::uint8_t* rgbe, float* rgb) {
    const float scale = rgbe[3] == 0 ? 0.0F : std::ldexp(1.0F, rgbe[3] - 136);
    for (int c = 0; c < 3; ++c) rgb[c] = static_cast<float>(rgbe[c]) * scale;
}

void encode_rgbe(const float* rgb, std::uint8_t* rgbe) {
    constexpr float kLargest = 255.0F / 256 * 0x1p127F;
    float held[3], most = 0;
    for (int c = 0; c < 3; ++c) {
        held[c] = rgb[c] >= 0 ? std::min(rgb[c], kLargest) : 0.0F;  // NaN too
        most = std::max(most, held[c]);
    }
    std::fill_n(rgbe, 4, std::uint8_t{0});
    constexpr float kLeast = 1e-32F;
    if (most < kLeast) return;
    int exponent = 0;
    std::frexp(most, &exponent);
    for (int c = 0; c < 3; ++c) {
        rgbe[c] = static_cast<std::uint8_t>(std::ldexp(held[c], 8 - exponent));
    }
    rgbe[3] = static_cast<std::uint8_t>(exponent + 128);
}

HdrScanlines::HdrScanlines(std::function<std::size_t(std::uint8_t*, std::size_t)> read,
                           std::string name, std::int64_t width)
    : read_(std::move(read)),
      name_(std::move(name)),
      width_(width),
      buffer_(kBufferBytes),
      line_(static_cast<std::size_t>(4 * width)) {}

std::uint8_t HdrScanlines::byte() {
    if (at_ == held_) {
        held_ = read_(buffer_.data(), buffer_.size());
        at_ = 0;
        if (held_ == 0) fail(ErrorKind::input, "{}: the HDR is truncated", name_);
    }
    return buffer_[at_++];
}

void HdrScanlines::read_runs_of_bytes() {
    for (std::int64_t c = 0; c < 4; ++c) {
        for (std::int64_t x = 0; x < width_;) {
            const int code = byte();
            const int count = code > 128 ? code - 128 : code;
            if (count == 0 || x + count > width_) {
                fail(ErrorKind::input, "{}: the HDR is damaged: a run leaves its scanline", name_);
            }
            const std::uint8_t value = code > 128 ? byte() : std::uint8_t{0};
            for (int i = 0; i < count; ++i, ++x) {
                line_[static_cast<std::size_t>(4 * x + c)] = code > 128 ? value : byte();
            }
        }
    }
}

/// Pixels one after the other; 1 1 1 n repeats the last n times, and again n * 256^k times where k
/// of them follow each other.
void HdrScanlines::read_pixels(std::uint8_t* first) {
    int shift = 0;
    for (std::int64_t x = 0; x < width_;) {
        std::uint8_t pixel[4];
        for (int c = 0; c < 4; ++c) pixel[c] = x == 0 && shift == 0 ? first[c] : byte();
        auto* out = line_.data() + 4 * x;
        if (pixel[0] != 1 || pixel[1] != 1 || pixel[2] != 1) {
            std::copy_n(pixel, 4, out);
            ++x;
            shift = 0;
            continue;
        }
        const std::int64_t count = shift < 24 ? std::int64_t{pixel[3]} << shift : width_ + 1;
        if (x == 0 || x + count > width_) {
            fail(ErrorKind::input, "{}: the HDR is damaged: a run leaves its scanline", name_);
        }
        for (std::int64_t i = 0; i < 4 * count; ++i) out[i] = out[i - 4];
        x += count;
        shift += 8;
    }
}

void HdrScanlines::next(float* rgb) {
    std::uint8_t first[4];
    for (std::uint8_t& value : first) value = byte();
    const bool runs = width_ >= kLeastRunWidth && width_ <= kMostRunWidth && first[0] == 2 &&
                      first[1] == 2 && first[2] < 128;
    if (runs) {
        if ((first[2] << 8 | first[3]) != width_) {
            fail(ErrorKind::input, "{}: the HDR is damaged: a scanline of another width", name_);
        }
        read_runs_of_bytes();
    } else {
        read_pixels(first);
    }
    for (std::int64_t x = 0; x < width_; ++x) decode_rgbe(line_.data() + 4 * x, rgb + 3 * x);
}

void append_hdr_scanline(const float* rgb, std::int64_t width, std::vector<std::uint8_t>& out) {
    std::vector<std::uint8_t> line(static_cast<std::size_t>(4 * width));
    for (std::int64_t x = 0; x < width; ++x) encode_rgbe(rgb + 3 * x, line.data() + 4 * x);
    if (width < kLeastRunWidth || width > kMostRunWidth) {
        out.insert(out.end(), line.begin(), line.end());
        return;
    }
    out.insert(out.end(), {2, 2, static_cast<std::uint8_t>(width >> 8),
                           static_cast<std::uint8_t>(width & 255)});
    std::vector<std::uint8_t> plane(static_cast<std::size_t>(width));
    for (std::size_t c = 0; c < 4; ++c) {
        for (std::size_t x = 0; x < plane.size(); ++x) plane[x] = line[4 * x + c];
        append_runs(plane, out);
    }
}

}  // namespace conv
