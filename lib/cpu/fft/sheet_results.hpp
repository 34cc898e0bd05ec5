#pragma once

#include <vector>

#include "cpu/fft/convolution_parts.hpp"

namespace conv {

/// A map of a group as its columns have been transformed back.
struct MapSheet {
    std::int64_t k;  ///< of the group; after the kernels the yardstick
    const float* sheet;
};

/// The last half of the inverse transforms: a sheet into rows of results.
class SheetResults {
public:
    /// `parts` must outlive this object.
    SheetResults(const FftParts& parts, const Weights& weights)
        : parts_(parts), bias_(weights.bias.begin(), weights.bias.end()) {}

    /// Stores a map, or lets the checks see a yardstick.
    void take(const TileInput& input, const MapSheet& map, const FftWorkspace& workspace,
              TensorView<float> dst) const;

private:
    using ResultRow = TileChecks::ResultRow;
    template <typename F>
    void for_each_row(const TileInput& input, const float* sheet, const FftWorkspace& workspace,
                      F f) const;
    void finish_row(const TileInput& input, const ResultRow& at, float* samples) const;
    void store_row(const TileInput& input, const ResultRow& at, const float* row,
                   TensorView<float> dst) const;

    const FftParts& parts_;
    std::vector<float> bias_;
};

}  // namespace conv
