#pragma once

#include "cpu/fft/tiling.hpp"

namespace conv {

/// Parts of a thread's workspace.
struct FftWorkspace {
    float* sheets;
    float* blocks;   ///< transformed columns of the channels
    float* sum;      ///< a block
    float* batches;  ///< rows of each tile
    float* samples;  ///< a real row of each part of each tile
    float* row;      ///< a padded row of all pictures
    float* turned;   ///< for TileFft
    float* checks;   ///< for TileChecks

    FftWorkspace(const Problem& p, const FftTiling& t, float* memory)
        : sheets(memory),
          blocks(sheets + t.sheets * t.sheet()),
          sum(blocks + t.transforms * t.block()),
          batches(sum + t.block()),
          samples(batches + t.tiles * t.batch()),
          row(samples + 2 * t.tiles * t.width),
          turned(row + round_up(t.width * p.N, kBufferAlignment / kFloatBytes)),
          checks(memory + t.workspace_floats(p)) {}
};

}  // namespace conv
