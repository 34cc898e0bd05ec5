#pragma once

#include <cstdint>

namespace conv {

/// Floats of the second-level cache that tiles are cut for: 1 MiB, that of Zen 4 and 5 and half of
/// Intel's server cores'. The same on every machine, for tiles decide the order of sums and with it
/// the bytes of a result.
inline constexpr std::int64_t kL2Floats = (std::int64_t{1} << 20) / sizeof(float);

/// Tiles of a picture at least, for threads to share.
inline constexpr std::int64_t kWantedTiles = 8;

}  // namespace conv
