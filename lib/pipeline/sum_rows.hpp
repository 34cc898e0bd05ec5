#pragma once

#include <cstdint>

#include "tensor/rows.hpp"
#include "tensor/view.hpp"

namespace conv {

/// A block of sums of one picture of the source.
struct SumRows {
    std::int64_t picture;
    RowRange rows;           ///< of the results
    TensorView<float> sums;  ///< N x K x rows.count x Q
    /// They are results over the samples that count (CountedSums), opacity and bias done with.
    bool normalised = false;
};

}  // namespace conv
