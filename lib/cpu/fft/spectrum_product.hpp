#pragma once

#include <cstdint>

namespace conv {

/// sum = x_0 * w_0 + .. + x_{C-1} * w_{C-1}, number by number, of `count` complex numbers each; a
/// multiple of 16. Spectrum x_c starts at x + c * x_step, real and imaginary parts side by side, as
/// in `sum`; w_c starts at w + c * w_step, its `count` real parts before its `count` imaginary
/// ones. Steps are in floats. The instruction set is chosen at run time.
void multiply_spectra(const float* x, std::int64_t x_step, const float* w, std::int64_t w_step,
                      std::int64_t C, std::int64_t count, float* sum);

/// The form of w: to[i] = scale * real part i, to[count + i] = -scale * imaginary part i.
void split_conjugate(const float* from, std::int64_t count, float scale, float* to);

}  // namespace conv
