#pragma once

#include "base/aligned_buffer.hpp"
#include "cpu/fft/convolution_parts.hpp"
#include "cpu/fft/spectrum_product.hpp"

namespace conv {

/// The weights of all kernels and of their yardsticks (ResultBounds), transformed once:
/// conj(forward(window)) / T, block after block, channel after channel.
class MapSpectra {
public:
    /// `parts` must outlive this object.
    MapSpectra(const FftParts& parts, const Weights& weights);

    /// Those of all channels of map i of a group: its kernels, and then the yardstick.
    Spectra of(std::int64_t group, std::int64_t i) const;

private:
    float* kept(std::int64_t k, std::int64_t yardstick);
    void transform_map(const float* weights, const FftWorkspace& workspace, float* to) const;
    void transform_window(const float* window, const FftWorkspace& workspace, float* to) const;

    const FftParts& parts_;
    AlignedBuffer<float> spectra_;
};

}  // namespace conv
