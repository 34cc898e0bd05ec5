#pragma once

#include <cstdint>

namespace conv {

/// The vectorised transforms of the winograd method for output tiles of m x m, m = 2 or 4, with
/// input tiles of t x t, t = m + 2. The instruction set is chosen at run time. Samples and results
/// are kept with kLanes channels or maps side by side, so that any number of tiles fills
/// the vectors:
///   samples[(h * width + w) * kLanes + c] = sample (h, w) of channel c.
/// These arrays are aligned to kBufferAlignment, and so are the steps between their parts.

/// Points of F(m x m, 3 x 3) other than 0 and infinity are +-kWinogradA and, for m = 4,
/// +-kWinogradB: near sqrt(1/2) and sqrt(2), which amplify rounding errors five times less than the
/// usual 1 and 2 do, and of few bits, so that the transforms' coefficients are exact.
inline constexpr double kWinogradA2 = 1;
inline constexpr double kWinogradA4 = 11.0 / 16, kWinogradB4 = 23.0 / 16;

/// out[w * kLanes + c] = rows[c * step + w] for w in [0, count), c in [0, kLanes).
void winograd_pack(const float* rows, std::int64_t step, std::int64_t count, float* out);

/// rows[c * step + w] = in[w * kLanes + c] for w in [0, count), c in [0, channels), with
/// channels <= kLanes. What `in` holds is lost.
void winograd_unpack(float* in, std::int64_t count, std::int64_t channels, float* rows,
                     std::int64_t step);

/// Where the (i, j)-th number of a transformed tile lies: (i * t + j) * point + tile * tile.
struct WinogradSteps {
    std::int64_t point, tile;
};

/// A row of `tiles` tiles from t rows of m * tiles + 2 samples, one tile m columns from the next:
///   out[i * t + j][tile] = (B^T d B)[i][j].
/// `columns` holds t * (m * tiles + 2) * kLanes floats.
void winograd_input(int m, const float* samples, std::int64_t tiles, float* columns, float* out,
                    WinogradSteps steps);

/// The way back for a row of tiles, x[i][j] = in[i * t + j][tile], to m rows of m * tiles results:
///   out[(i * m * tiles + tile * m + j) * kLanes + c] = (A^T x A)[i][j] + bias[c].
void winograd_output(int m, const float* in, WinogradSteps steps, std::int64_t tiles,
                     const float* bias, float* out);

}  // namespace conv
