#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "conv/problem.hpp"
#include "tensor/rows.hpp"

namespace conv {

/// Output rows that are computed together, and the input rows that must be in memory for them.
struct Band {
    RowRange outputs;
    /// From the first row that this band or any later one needs to the last that this one or any
    /// earlier one needs: rows are read in order, and none is read twice.
    RowRange window;
};

/// The input rows that output rows `rows` read, by the problem's border rule: the least range that
/// holds them all; empty where the border's constant is all there is.
RowRange needed_rows(const Problem& problem, RowRange rows);

/// Cuts the output rows, or those of `range`, into bands of `band_rows` (the last may be shorter),
/// in order. With a range the first window begins with the first row that is needed.
std::vector<Band> plan_bands(const Problem& problem, std::int64_t band_rows,
                             std::optional<RowRange> range = {});

/// The same for any rule of what output rows need: rows `outputs`, from the picture's first row on
/// or, with `from_first_needed`, from the first that is needed.
std::vector<Band> plan_bands(RowRange outputs, bool from_first_needed, std::int64_t band_rows,
                             const std::function<RowRange(RowRange)>& needed);

/// The whole blocks of `block` rows, from row 0 of `height` on, that hold some rows.
RowRange whole_blocks(RowRange rows, std::int64_t block, std::int64_t height);

/// The rows that two ranges have in common.
RowRange common_rows(RowRange a, RowRange b);

/// The least range that holds two.
RowRange hull(RowRange a, RowRange b);

/// Rows of the largest window.
std::int64_t largest_window(const std::vector<Band>& bands);

}  // namespace conv
