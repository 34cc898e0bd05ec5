#pragma once

#include <cstdint>

namespace conv {

/// A spectrum for each channel: that of channel c starts at first + c * step, in floats.
struct Spectra {
    const float* first;
    std::int64_t step;
};

/// Spectra of C channels, of `count` complex numbers each, a multiple of kLanes: x with real and
/// imaginary parts side by side, w with its `count` real parts before its `count` imaginary ones.
struct SpectrumProduct {
    Spectra x, w;
    std::int64_t C, count;
};

/// sum = x_0 * w_0 + .. + x_{C-1} * w_{C-1}, number by number, in the form of x. The instruction
/// set is chosen at run time.
void multiply_spectra(const SpectrumProduct& product, float* sum);

/// The form of w: to[i] = scale * real part i, to[count + i] = -scale * imaginary part i.
void split_conjugate(const float* from, std::int64_t count, float scale, float* to);

}  // namespace conv
