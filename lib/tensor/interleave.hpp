#pragma once

#include <cstdint>

namespace conv {

/// Pictures taken apart: to[n * to_step + w] = row[w * N + n], for n in [0, N), w in [0, count).
/// Vectorised for N up to 4; the instruction set is chosen at run time.
void deinterleave(const float* row, std::int64_t N, std::int64_t count, float* to,
                  std::int64_t to_step);

/// N pictures apart, `count` samples of each, `step` from one to the next.
struct Planes {
    const float* first;
    std::int64_t step, N, count;
};
/// Put together again: row[w * N + n] = first[n * step + w] + bias.
void interleave(const Planes& from, float bias, float* row);

}  // namespace conv
