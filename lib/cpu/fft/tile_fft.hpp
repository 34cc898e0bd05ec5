#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace conv {

/// Complex discrete Fourier transforms of H x W tiles in float32, kBatch rows or columns at a time,
/// so that a caller can fill rows, and work on columns, while they are in the cache. Unnormalised:
/// forward then inverse multiplies by H * W. The only unit that knows FFTW.
///
/// A complex number is a real part and the imaginary part next to it; sizes are in floats. Rows, in
/// a tile and in a batch, lie row_floats() apart. A block holds kBatch transformed columns, each
/// contiguous, one after the other. H and W are multiples of kBatch, all pointers aligned as
/// AlignedBuffer's memory.
///
/// Transforms are planned by FFTW's estimate and never by timing them: timing takes up to a second,
/// and its outcome, and with it the rounding of a result, would differ from run to run. An estimate
/// takes a tenth of a millisecond. Construction and destruction may happen on any thread; the
/// transforms are const and thread-safe. For some lengths FFTW allocates a scratch of a few KiB
/// while it runs.
class TileFft {
public:
    static constexpr std::int64_t kBatch = 16;

    TileFft(std::int64_t height, std::int64_t width);
    ~TileFft();
    TileFft(const TileFft&) = delete;
    TileFft& operator=(const TileFft&) = delete;

    /// Off the powers of two, where all rows would compete for the same sets of the cache.
    static constexpr std::int64_t row_floats(std::int64_t width) { return 2 * (width + 8); }
    static constexpr std::int64_t block_floats(std::int64_t height) { return 2 * kBatch * height; }

    /// tile = kBatch transformed rows; `rows` is kept.
    void forward_rows(const float* rows, float* tile) const;
    /// The other way round; the tile is kept.
    void inverse_rows(const float* tile, float* rows) const;
    /// Memory beside the block while columns are transformed.
    static constexpr std::int64_t scratch_floats(std::int64_t height) {
        return 2 * kBatch * scratch_step(height);
    }
    /// block = transformed columns [0, kBatch) of the tile that `columns` points into.
    void forward_columns(const float* columns, float* block, float* scratch) const;
    /// The other way round; the block is kept.
    void inverse_columns(const float* block, float* columns, float* scratch) const;

private:
    /// High columns are turned into rows first: FFTW's estimate would go through them number by
    /// number, and their lines compete for the same sets of the cache. 512 points forward and back
    /// take 2.5 ns a number so in place of 3.1, 1024 points 2.8 in place of 7.
    static constexpr std::int64_t kLeastTurned = 256;
    static constexpr std::int64_t scratch_step(std::int64_t height) { return height + 8; }
    bool turned() const { return height_ >= kLeastTurned; }

    std::int64_t height_, row_step_;
    struct Plans;
    std::unique_ptr<const Plans> plans_;
};

/// FFTW's name and version, such as "fftw-3.3.10-sse2-avx".
std::string fftw_version_text();

}  // namespace conv
