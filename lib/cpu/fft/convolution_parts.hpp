#pragma once

#include <optional>

#include "cpu/fft/tile_checks.hpp"
#include "cpu/fft/tile_fft.hpp"
#include "cpu/fft/workspace.hpp"

namespace conv {

/// What all steps of the fft method share.
struct FftParts {
    FftParts(const Problem& problem, const Weights& weights, const FftTiling& tiling)
        : p(problem),
          t(tiling),
          yardsticks(has_yardsticks(problem, weights)),
          rows(problem, tiling),
          checks(problem, weights, tiling),
          fft(tiling.height, tiling.width) {}

    Problem p;
    FftTiling t;
    bool yardsticks;
    UnitRows rows;
    TileChecks checks;
    TileFft fft;
};

/// A pair of units on its way.
struct TileInput {
    TilePair pair;
    std::optional<TileChecks::State> looked = std::nullopt;
    bool sizes = false;  ///< |x| in place of x, for the checks alone

    bool by_results() const { return looked && (looked->by_results[0] || looked->by_results[1]); }
    bool signs() const { return by_results() && looked->signs; }
    /// Whether results of x under w do not tell what their windows hold, as those of |x| under |w|
    /// do.
    bool sizes_differ(bool yardsticks) const { return by_results() && (yardsticks || signs()); }
};

}  // namespace conv
