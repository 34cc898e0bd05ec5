#pragma once

#include <vector>

#include "base/aligned_buffer.hpp"
#include "cpu/fft/double_tile.hpp"
#include "cpu/fft/units.hpp"

namespace conv {

/// Overlap-save in double precision for one picture of one unit: what single precision cannot do
/// where samples differ by many orders of magnitude. Keeps the weights' spectra.
class PreciseTile {
public:
    PreciseTile(const Problem& problem, const Weights& weights, const FftTiling& tiling);

    /// Whether the spectra take little memory.
    static bool affordable(const Problem& problem, const FftTiling& tiling);
    static std::int64_t kept_bytes(const Problem& problem, const FftTiling& tiling);
    static std::int64_t workspace_floats(const Problem& problem, const FftTiling& tiling);
    /// Predicted seconds of convolve().
    double seconds() const;

    /// All outputs of picture n of a unit, of the group that begins with channel `first`. NaN and
    /// infinities count as zeros. `row` and `samples` hold a row of all pictures each.
    struct Memory {
        float *row, *samples, *tiles;
    };
    void convolve(const UnitChannel& first, std::int64_t n, TensorView<float> dst,
                  const Memory& memory) const;

private:
    void load(const UnitChannel& from, std::int64_t n, double* tile, const Memory& memory) const;

    Problem p_;
    FftTiling t_;
    UnitRows rows_;
    DoubleTile fft_;
    AlignedBuffer<double> spectra_;  ///< conj(forward(window)) / (H * W)
    std::vector<float> bias_;
};

}  // namespace conv
