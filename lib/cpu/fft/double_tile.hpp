#pragma once

#include <complex>
#include <cstdint>
#include <memory>

namespace conv {

/// Real discrete Fourier transforms of H x W tiles in double precision, in place, for tiles whose
/// samples differ too much in size for single precision. Unnormalised. Beside TileFft the only unit
/// that knows FFTW; plans are estimated, construction and destruction may happen on any thread,
/// the transforms are const and thread-safe.
class DoubleTile {
public:
    DoubleTile(std::int64_t height, std::int64_t width);
    ~DoubleTile();
    DoubleTile(const DoubleTile&) = delete;
    DoubleTile& operator=(const DoubleTile&) = delete;

    /// From one row of a tile to the next: W samples, or W/2 + 1 complex numbers.
    static constexpr std::int64_t row_doubles(std::int64_t width) { return 2 * (width / 2 + 1); }

    /// `tile` is H x row_doubles(W), aligned as AlignedBuffer's memory.
    void forward(double* tile) const;
    void inverse(double* tile) const;

private:
    struct Plans;
    std::unique_ptr<const Plans> plans_;
};

}  // namespace conv
