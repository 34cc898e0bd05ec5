#pragma once

#include <optional>

#include "conv/problem.hpp"

namespace conv {

/// Padded rows of one picture with the samples of kLanes channels side by side.
class WinogradRows {
public:
    /// Channels channel .. channel + count of a picture, count <= kLanes; where it is less,
    /// other numbers fill up. `memory` holds floats(p, width) for rows of up to `width` samples.
    WinogradRows(const Problem& p, const Source& src, std::int64_t picture, std::int64_t channel,
                 std::int64_t count, float* memory);

    static std::int64_t floats(const Problem& p, std::int64_t width);

    /// out[x * kLanes + c] = padded sample (h, first + x) of channel `channel + c`, for x
    /// in [0, width); rows and columns are counted from the picture's own first.
    void read(std::int64_t h, std::int64_t first, std::int64_t width, float* out) const;

private:
    void read_inside(std::int64_t row, std::int64_t first, std::int64_t width, float* out) const;
    void read_padded(std::int64_t h, std::int64_t first, std::int64_t width, float* out) const;

    const Problem& p_;
    const Source& src_;
    std::int64_t picture_, channel_, count_;
    float *constants_, *rows_;
    std::optional<TensorView<const float>> plane_;  ///< where rows can be read as they lie
};

}  // namespace conv
