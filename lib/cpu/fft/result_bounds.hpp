#pragma once

#include <cstdint>
#include <vector>

#include "conv/method.hpp"
#include "cpu/fft/local_sums.hpp"

namespace conv {

/// Whether the samples are looked at and a group's one kernel has negative weights: a second map,
/// of |w|, then tells what the windows hold.
bool has_yardsticks(const Problem& problem, const Weights& weights);

/// Whether results tell what their windows hold: an output at every place, and no negative weight
/// or a yardstick.
bool judged_by_results(const Problem& problem, const Weights& weights);

/// Where neither a weight nor a sample is negative, an output without its bias is its own
/// sum |w||x|: the results are then what they are judged by,
///   sum |w||x| / sum |w| >= (result - bias) / sum |w| - error,
/// for the price of one look at the samples' size. With negative weights the results of |w| serve,
/// one product and one transform more (has_yardsticks), with samples of both signs those of |x|,
/// two transforms more. Blocks are those of LocalSums.
class ResultBounds {
public:
    ResultBounds(const Problem& problem, const Weights& weights, const LocalSums& sums);

    bool possible() const { return possible_; }

    /// The memory of one lane.
    struct Lane {
        float *columns, *bounds;
        double channel_squares = 0;
    };
    static std::int64_t lane_floats(const FftTiling& tiling);
    Lane lane(float* memory) const;
    void begin(Lane& lane) const;

    /// Adds what a row of samples holds to `facts`; false where they need a closer look: NaN, an
    /// infinity, or squares beyond single precision. `signs` becomes true with a negative sample.
    bool add_samples(Lane& lane, const float* row, std::int64_t count, LaneFacts& facts,
                     bool& signs) const;
    void finish_channel(Lane& lane, LaneFacts& facts) const;

    /// Row h of `rows` of the results of map k, or of its yardstick, without bias.
    struct Row {
        std::int64_t k, h, rows;
    };
    void add_results(Lane& lane, const Row& at, const float* row, std::int64_t count) const;
    /// The least result of a block over its map's sum |w|; infinite where it has no output.
    double least(const Lane& lane, std::int64_t block) const { return double{lane.bounds[block]}; }

private:
    bool possible_;
    std::int64_t side_, block_columns_, blocks_;
    std::vector<float> factors_;  ///< 1 / sum |w| of each map, 0 for a map of zeros
};

}  // namespace conv
