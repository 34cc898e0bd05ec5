#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/counted_rows.hpp"
#include "pipeline/filtered_page.hpp"
#include "pipeline/normalisation.hpp"
#include "tensor/view.hpp"

namespace conv {

/// Throws Error{usage} where a kernel of the bank sums to zero and some output has no sample under
/// its anchor.
void require_centres(const Problem& problem, const Bank& bank);

/// What one thread knows of one row of outputs.
struct CountedLine {
    std::vector<float> weights;        ///< for each of its channels
    std::vector<float> centres;        ///< the samples under the anchors
    std::vector<std::uint8_t> counts;  ///< which of these count
};

/// Rows of sums over the samples that count, K maps or every channel of every map by itself, and of
/// what these samples weigh.
struct CountedBlock {
    const CountedRows& samples;
    TensorView<float> sums, weights;
    bool common;  ///< one weight for all lanes
};

/// Results of normalised convolution from its sums (CountedSums has the formulas).
class CountedResults {
public:
    /// `of.bank` must outlive this object.
    explicit CountedResults(const FilteredPage& of);

    /// Where a map of several channels sums to zero: its kernel apart for each channel, map
    /// c * K/groups + k of C groups; else empty.
    const std::vector<float>& apart() const { return apart_; }
    /// The problem whose sums finish_row() takes: that of the page, or every channel by itself.
    Problem summed(const Problem& problem) const;

    /// Row i of `results`, N x K x rows x Q, which is output row `row`, from row i of the sums.
    /// Planes' sums lie where the results go.
    struct Row {
        std::int64_t i, row;
    };
    void finish_row(const TensorView<float>& results, const Row& at, const CountedBlock& block,
                    CountedLine& line) const;

private:
    /// One result.
    struct Output {
        std::int64_t k, i, q;
    };
    std::int64_t centre_lanes() const;
    void read_centres(const CountedRows& counted, std::int64_t row, CountedLine& line) const;
    void normalise_planes(const TensorView<float>& results, std::int64_t i,
                          const CountedBlock& block, CountedLine& line) const;
    void weigh_transparent(float* results, const float* D, const Normalisation& map,
                           const CountedLine& line) const;
    float map_result(const Output& at, const CountedBlock& block, const CountedLine& line) const;
    float sum_of_channels(const Output& at, const CountedBlock& block,
                          const CountedLine& line) const;

    const Bank& bank_;
    bool weighted_;
    Problem problem_;  ///< of the results
    std::vector<Normalisation> maps_;
    std::vector<float> apart_;
    std::vector<Normalisation> apart_maps_;
};

}  // namespace conv
