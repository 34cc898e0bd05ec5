#pragma once

#include <complex>
#include <cstdint>
#include <memory>

namespace conv {

/// Complex discrete Fourier transforms of H x W tiles in float32, one dimension at a time, so that
/// a caller can work on a few columns while they are in the cache. Unnormalised: forward then
/// inverse multiplies by H * W. The only unit that knows FFTW.
///
/// A tile's rows lie row_pitch() elements apart; a block holds kBlockColumns columns of a tile as
/// an H x kBlockColumns matrix without gaps. Tiles and blocks start on a cache line.
///
/// Transforms are planned by FFTW's estimate and never by timing them: timing takes a second, and
/// its outcome, and with it the rounding of a result, would differ from run to run. Construction
/// and destruction may happen on any thread; the transforms are const and thread-safe.
class TileFft {
public:
    using Complex = std::complex<float>;
    /// A cache line and more of each row that a block takes; tile widths are multiples of it.
    static constexpr std::int64_t kBlockColumns = 16;

    TileFft(std::int64_t height, std::int64_t width);
    ~TileFft();
    TileFft(const TileFft&) = delete;
    TileFft& operator=(const TileFft&) = delete;

    /// Elements from one row of a tile to the next: off the powers of two, whose rows would all
    /// compete for the same sets of the cache.
    static std::int64_t row_pitch(std::int64_t width) { return width + kBlockColumns + 8; }

    void forward_row(Complex* row) const;
    void inverse_row(Complex* row) const;
    /// block = transformed columns [0, kBlockColumns) of the tile that `columns` points into.
    void forward_columns(Complex* columns, Complex* block) const;
    /// The other way round; overwrites the block.
    void inverse_columns(Complex* block, Complex* columns) const;

private:
    struct Plans;
    std::unique_ptr<const Plans> plans_;
};

}  // namespace conv
