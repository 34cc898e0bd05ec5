#pragma once

#include <cstdint>

namespace conv {

/// Maps that are computed together and whose weights lie together: a panel. The last panel of a
/// group may be half as wide.
inline constexpr std::int64_t kWinogradPanel = 32;

/// One of the t*t products of the winograd method for a panel of maps:
///   out[tile * maps + k] = sum over c < channels of weights[c * maps + k] * in[tile * in_step + c]
/// for tile in [0, tiles), k in [0, maps). The channels are summed in order, whatever the tile.
struct WinogradProduct {
    const float* weights;  ///< channels x maps; the weights needed next follow
    std::int64_t maps;     ///< kWinogradPanel or half of it
    std::int64_t channels;
    const float* in;  ///< tiles x in_step
    std::int64_t in_step, tiles;
    float* out;  ///< tiles x maps
};

void winograd_multiply(const WinogradProduct& product);

}  // namespace conv
