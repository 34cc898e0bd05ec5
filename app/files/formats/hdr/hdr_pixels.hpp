#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace conv {

/// Four bytes of Radiance's pictures: three mantissas and their exponent, red = m * 2^(e - 136)
/// (Ward, "Real Pixels", Graphics Gems II, 1991).
using Rgbe = std::uint8_t[4];

void decode_rgbe(const std::uint8_t* rgbe, float* rgb);
/// Negative values and NaN, which the format does not hold, become 0; values beyond its range the
/// largest. Mantissas are cut off, as all writers do.
void encode_rgbe(const float* rgb, std::uint8_t* rgbe);

/// Decodes scanlines in order: plain, with runs of whole pixels, or with the runs of each byte.
class HdrScanlines {
public:
    /// `read` gives the next bytes, fewer at the end alone.
    HdrScanlines(std::function<std::size_t(std::uint8_t*, std::size_t)> read, std::string name,
                 std::int64_t width);

    /// The next scanline, R, G, B. Throws Error{input} for damage and where the file ends.
    void next(float* rgb);

private:
    std::uint8_t byte();
    void read_runs_of_bytes();
    void read_pixels(std::uint8_t* first);

    std::function<std::size_t(std::uint8_t*, std::size_t)> read_;
    std::string name_;
    std::int64_t width_;
    std::vector<std::uint8_t> buffer_, line_;  ///< line_: pixel after pixel
    std::size_t at_ = 0, held_ = 0;
};

/// One scanline with the runs of each byte where its width allows them, else plain.
void append_hdr_scanline(const float* rgb, std::int64_t width, std::vector<std::uint8_t>& out);

}  // namespace conv
