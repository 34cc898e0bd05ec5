#pragma once

#include <optional>

#include "pipeline/kept_input.hpp"
#include "pipeline/missing_results.hpp"
#include "pipeline/result_row.hpp"
#include "pipeline/tally.hpp"

namespace conv {

/// The way of finished sums into a result picture: back from linear light, blended with the input,
/// depth and range, rounding, and what stands where nothing counts. Under --range rescale into an
/// integer depth results are float32 and only the extremes are gathered. Thread-safe with separate
/// tallies and rows.
class ResultStore {
public:
    /// All that `of` refers to must outlive this object.
    explicit ResultStore(const FilteredPage& of);

    /// The page of a chain's first kernel, a window of the size of the results: what is not
    /// selected stays as it is there.
    void select_from(const Image& input) { input_.emplace(input, of_.settings); }
    const KeptInput& input() const { return *input_; }

    /// Stores filtered values, which it changes.
    void filtered(const Image& result, const ResultRow& row, Tally& tally) const;
    /// Stores samples of the input, which are not in linear light.
    void copied(const Image& result, const ResultRow& row, Tally& tally) const;
    /// Whether results stay in their own units until all extremes are known.
    bool deferred() const { return deferred_; }

private:
    void encode(const ResultRow& row) const;
    void convert(const ResultRow& row) const;
    void gather_extremes(const ResultRow& row, Tally& tally) const;

    FilteredPage of_;
    std::optional<KeptInput> input_;
    std::optional<MissingResults> missing_;  ///< absent: every sample counts
    bool deferred_;                          ///< rescaling happens later
    double factor_;                          ///< into the units of the depth
};

}  // namespace conv
