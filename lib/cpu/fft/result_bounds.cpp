#include "cpu/fft/result_bounds.hpp"

#include <algorithm>
#include <cmath>

#include "base/size.hpp"
#include "cpu/fft/cell_rows.hpp"

namespace conv {
namespace {

bool any_negative(const Weights& weights) {
    return std::any_of(weights.values.begin(), weights.values.end(), [](float w) { return w < 0; });
}

std::int64_t column_floats(const FftTiling& t) {
    return round_up(t.width, LocalSums::kMostSide);
}

}  // namespace

bool has_yardsticks(const Problem& p, const Weights& weights) {
    return looked_at(p) && p.stride_h == 1 && p.stride_w == 1 && p.group_kernels() == 1 &&
           any_negative(weights);
}

bool judged_by_results(const Problem& p, const Weights& weights) {
    return p.stride_h == 1 && p.stride_w == 1 &&
           (!any_negative(weights) || has_yardsticks(p, weights));
}

ResultBounds::ResultBounds(const Problem& p, const Weights& weights, const LocalSums& sums)
    : possible_(judged_by_results(p, weights)),
      side_(sums.side()),
      block_columns_(sums.block_columns()),
      blocks_(sums.blocks()) {
    const std::int64_t each = p.group_channels() * p.R * p.S;
    const float* w = weights.values.data();
    for (std::int64_t k = 0; possible_ && k < p.K; ++k, w += each) {
        double norm = 0;
        for (std::int64_t i = 0; i < each; ++i) norm += std::abs(double{w[i]});
        factors_.push_back(norm > 0 ? static_cast<float>(1 / norm) : 0.0F);
    }
}

std::int64_t ResultBounds::lane_floats(const FftTiling& t) {
    return column_floats(t) + LocalSums::most_blocks(t);
}

ResultBounds::Lane ResultBounds::lane(float* memory) const {
    return {memory + blocks_, memory};
}

void ResultBounds::begin(Lane& lane) const {
    lane.channel_squares = 0;
    std::fill_n(lane.bounds, blocks_, kInfinity);
}

bool ResultBounds::add_samples(Lane& lane, const float* row, std::int64_t count, LaneFacts& facts,
                               bool& signs) const {
    const RowFacts found = facts_of_row(row, count);
    lane.channel_squares += double{found.squares};
    signs = signs || found.least < 0;
    facts.most = std::max({facts.most, double{found.most}, -double{found.least}});
    facts.least = std::min(facts.least, std::max(0.0, double{found.least}));
    return found.squares < kInfinity;
}

void ResultBounds::finish_channel(Lane& lane, LaneFacts& facts) const {
    facts.squares = std::max(facts.squares, lane.channel_squares);
    lane.channel_squares = 0;
}

void ResultBounds::add_results(Lane& lane, const Row& at, const float* row,
                               std::int64_t count) const {
    const auto& [k, h, rows] = at;
    const float factor = factors_[static_cast<std::size_t>(k)];
    if (factor == 0) return;
    if (h % side_ == 0) std::fill_n(lane.columns, count, kInfinity);
    least_of_rows(row, count, factor, lane.columns);
    if ((h + 1) % side_ != 0 && h + 1 < rows) return;
    float* bounds = lane.bounds + h / side_ * block_columns_;
    for (std::int64_t first = 0; first < count; first += side_, ++bounds) {
        const float *from = lane.columns + first,
                    *end = lane.columns + std::min(first + side_, count);
        *bounds = std::min(*bounds, *std::min_element(from, end));
    }
}

}  // namespace conv
