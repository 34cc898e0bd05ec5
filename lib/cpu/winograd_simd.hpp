#pragma once

#include <cstdint>

namespace conv {

/// The vectorised passes of the winograd method for output tiles of m x m, m = 2 or 4, with input
/// tiles of t x t, t = m + 2. The instruction set is chosen at run time. Arrays need not be
/// aligned, and each has room for kWinogradLanes floats more than is said.
///
/// Tiles are numbered in one line: l = ty * pitch + tx, with `pitch` tiles in a row. Input samples
/// are kept as m * t planes, by their row modulo m and by the tile column j they are needed for,
///   planes[((h % m) * t + j) * plane_step + (h / m) * pitch + tx] = sample (h, tx * m + j),
/// so that sample (i, j) of all tiles is the contiguous run plane (i % m, j) from (i / m) * pitch.
inline constexpr std::int64_t kWinogradLanes = 16;

/// Maps that are computed together, and lie together in packed weights.
inline constexpr std::int64_t kWinogradMaps = 8;

/// Points of F(m x m, 3 x 3) other than 0 and infinity are +-kWinogradA and, for m = 4,
/// +-kWinogradB: near sqrt(1/2) and sqrt(2), which amplify rounding errors five times less than the
/// usual 1 and 2 do, and of few bits, so that the transforms' coefficients are exact.
inline constexpr double kWinogradA2 = 1;
inline constexpr double kWinogradA4 = 11.0 / 16, kWinogradB4 = 23.0 / 16;

/// out[j * out_step + x] = row[x * m + j] for j in [0, t), x in [0, count).
void winograd_split(int m, const float* row, std::int64_t count, float* out, std::int64_t out_step);

/// The other way round: row[x * m + j] = in[j * in_step + x] + bias.
void winograd_join(int m, const float* in, std::int64_t in_step, std::int64_t count, float bias,
                   float* row);

/// out[(i * t + j) * out_step + l] = (B^T d B)[i][j] of tile l, for l in [0, count).
void winograd_input(int m, const float* planes, std::int64_t plane_step, std::int64_t pitch,
                    std::int64_t count, float* out, std::int64_t out_step);

/// out[(i * m + j) * out_step + l] = (A^T x A)[i][j], x[i][j] = in[(i * t + j) * in_step + l], for
/// l in [0, count).
void winograd_output(int m, const float* in, std::int64_t in_step, std::int64_t count, float* out,
                     std::int64_t out_step);

/// One of the t*t products, for kWinogradMaps maps:
///   out[k * line + l] = sum over c < channels of weights[c * kWinogradMaps + k] * in[c * line + l]
/// for l in [0, count). `line` is a multiple of kWinogradLanes and not below count.
void winograd_multiply(const float* weights, std::int64_t channels, const float* in,
                       std::int64_t line, std::int64_t count, float* out);

}  // namespace conv
