#include "cpu/fft/local_sums.hpp"

#include <algorithm>
#include <cmath>

#include "base/size.hpp"
#include "cpu/fft/cell_rows.hpp"
#include "cpu/fft/smallest_weights.hpp"
#include "cpu/tile/heavy_weights.hpp"

namespace conv {
namespace {

// Sides of cells that are tried, the cheapest first, and what part of sum |w||x| a bound has to
// keep of a constant picture for them; below the last, bounds by rank are better.
constexpr std::int64_t kLeastSide = 4;
constexpr std::int64_t kSides[] = {LocalSums::kMostSide, kLeastSide};
constexpr double kWantedPart = 0.6, kLeastPart = 0.3;
// Columns are gathered in this many rows of numbers.
constexpr std::int64_t kColumnRows = 4;
// Levels of |x| by which samples are counted: what they have to reach with all weights lies below
// the first, so that three levels make up for the weights that small samples may meet.
constexpr std::int64_t kLevels = 3;
static_assert(kLevels < kColumnRows);

/// Cells that a block's windows of `window` samples touch, along a row or a column.
std::int64_t cells_touched(std::int64_t window, std::int64_t side) {
    return (window + 2 * side - 3) / side + 1;
}

}  // namespace

LocalSums::LocalSums(const Problem& p, const Weights& weights, const FftTiling& tiling)
    : channels_(p.group_channels()),
      width_(tiling.width),
      height_(tiling.height),
      peak_(largest_weight_share(p, weights)) {
    double part = 0;
    for (const std::int64_t side : kSides) {
        set_reach(p, side);
        SmallestWeights found = smallest_weights(p, weights, {side, reach_rows_, reach_columns_});
        smallest_ = std::move(found.values);
        part = found.part;
        if (part >= kWantedPart) break;
    }
    smooth_ = part >= kLeastPart;
    if (smooth_) return;
    smallest_.clear();
    set_reach(p, kLeastSide);
    heavy_ = heavy_weights(p, weights);
}

void LocalSums::set_reach(const Problem& p, std::int64_t side) {
    side_ = side;
    reach_rows_ = cells_touched(window_rows(p), side);
    reach_columns_ = cells_touched(window_columns(p), side);
    cell_rows_ = ceil_div(height_, side);
    cell_columns_ = ceil_div(width_, side);
}

double LocalSums::touched_samples(const Problem& p) {
    const std::int64_t cells =
        cells_touched(window_rows(p), kLeastSide) * cells_touched(window_columns(p), kLeastSide);
    return static_cast<double>(cells * kLeastSide * kLeastSide);
}

std::int64_t LocalSums::most_blocks(const FftTiling& t) {
    return ceil_div(t.height, kLeastSide) * ceil_div(t.width, kLeastSide);
}

std::int64_t LocalSums::lane_floats(const Problem& p, const FftTiling& t) {
    return kColumnRows * round_up(t.width, kMostSide) +
           (p.group_channels() + 2 + kLevels) * most_blocks(t);
}

LocalSums::Lane LocalSums::lane(float* memory) const {
    float* cells = memory + kColumnRows * round_up(width_, side_);
    return {memory, cells, cells + channels_ * blocks(), cells + (channels_ + 1) * blocks(),
            cells + (channels_ + 2) * blocks()};
}

void LocalSums::begin(Lane& lane) const {
    lane.facts = {};
    lane.channel_squares = 0;
    lane.height = 0;
    std::fill_n(lane.cells, (channels_ + 1) * blocks(), 0.0F);
}

void LocalSums::add_row(Lane& lane, std::int64_t c, const float* row, std::int64_t count) const {
    const std::int64_t width = round_up(width_, side_);
    float* const columns = lane.columns;
    if (lane.height % side_ == 0) {
        std::fill_n(columns, 3 * width, 0.0F);
        std::fill_n(columns + 3 * width, width, kInfinity);
    }
    gather_row(row, count, {columns, columns + width, columns + 2 * width, columns + 3 * width});
    if (++lane.height % side_ == 0) reduce(lane, c);
}

/// The columns of up to `side` rows to cells.
void LocalSums::reduce(Lane& lane, std::int64_t c) const {
    const std::int64_t width = round_up(width_, side_), at = (lane.height - 1) / side_;
    const float *sums = lane.columns, *squares = sums + width, *most = squares + width,
                *least = most + width;
    float* cells = lane.cells + c * blocks() + at * cell_columns_;
    float* contents = lane.contents + at * cell_columns_;
    double all_squares = 0;
    float top = 0, bottom = kInfinity;
    for (std::int64_t i = 0; i < cell_columns_; ++i) {
        float sum = 0, square = 0;
        for (std::int64_t w = i * side_; w < (i + 1) * side_; ++w) {
            sum += sums[w];
            square += squares[w];
            top = std::max(top, most[w]);
            bottom = std::min(bottom, least[w]);
        }
        const bool number = sum < kInfinity;
        lane.facts.finite = lane.facts.finite && number;
        cells[i] = number ? sum : 0;
        contents[i] = std::max(contents[i], !number ? 2.0F : sum > 0 ? 1.0F : 0.0F);
        all_squares += double{square};
    }
    lane.channel_squares += all_squares;
    lane.facts.most = std::max(lane.facts.most, double{top});
    lane.facts.least = std::min(lane.facts.least, double{bottom});
}

void LocalSums::finish_channel(Lane& lane, std::int64_t c) const {
    if (lane.height % side_ != 0) reduce(lane, c);
    lane.facts.squares = std::max(lane.facts.squares, lane.channel_squares);
    lane.channel_squares = 0;
    lane.height = 0;
}

void LocalSums::begin_ranks(Lane& lane) const {
    lane.height = 0;
    std::fill_n(lane.counts, kLevels * blocks(), 0.0F);
}

void LocalSums::add_row_ranks(Lane& lane, const float* row, std::int64_t count, double step) const {
    const std::int64_t width = round_up(width_, side_);
    if (lane.height % side_ == 0) std::fill_n(lane.columns, kLevels * width, 0.0F);
    for (std::int64_t l = 0; l < kLevels; ++l) {
        count_row(row, count, static_cast<float>(static_cast<double>(l + 1) * step),
                  lane.columns + l * width);
    }
    if (++lane.height % side_ == 0) reduce_ranks(lane);
}

void LocalSums::reduce_ranks(Lane& lane) const {
    const std::int64_t width = round_up(width_, side_), at = (lane.height - 1) / side_;
    for (std::int64_t l = 0; l < kLevels; ++l) {
        static_assert(kLeastSide == 4);  // ranks() have it
        add_quads(lane.columns + l * width, cell_columns_,
                  lane.counts + l * blocks() + at * cell_columns_);
    }
}

void LocalSums::finish_channel_ranks(Lane& lane) const {
    if (lane.height % side_ != 0) reduce_ranks(lane);
    lane.height = 0;
}

void LocalSums::find_bounds(Lane& lane, std::int64_t group, double step) const {
    if (smooth_) return smooth_bounds(lane, group);
    rank_bounds(lane, group, step);
}

void LocalSums::smooth_bounds(Lane& lane, std::int64_t group) const {
    std::fill_n(lane.bounds, blocks(), 0.0F);
    const float* smallest = smallest_.data() + group * channels_ * reach_rows_ * reach_columns_;
    for (std::int64_t c = 0; c < channels_; ++c) {
        const float* cells = lane.cells + c * blocks();
        for (std::int64_t oy = 0; oy < reach_rows_; ++oy) {
            for (std::int64_t ox = 0; ox < reach_columns_; ++ox) {
                const float least = *smallest++;
                if (least == 0) continue;
                for (std::int64_t by = 0; by + oy < cell_rows_; ++by) {
                    add_cells(cells + (by + oy) * cell_columns_ + ox, cell_columns_ - ox, least,
                              lane.bounds + by * cell_columns_);
                }
            }
        }
    }
}

void LocalSums::rank_bounds(Lane& lane, std::int64_t group, double step) const {
    const std::vector<float>& heavy = heavy_[static_cast<std::size_t>(group)];
    const auto most = static_cast<float>(heavy.size() - 1);
    std::fill_n(lane.bounds, blocks(), 0.0F);
    // Counts of the cells that a block's windows touch: down the columns, then along the rows, each
    // from the one before; whole numbers, so that nothing is lost on the way.
    float* columns = lane.columns;
    for (std::int64_t l = 0; l < kLevels; ++l) {
        const float* counts = lane.counts + l * blocks();
        std::fill_n(columns, cell_columns_, 0.0F);
        for (std::int64_t y = 0; y < std::min(reach_rows_ - 1, cell_rows_); ++y) {
            add_cells(counts + y * cell_columns_, cell_columns_, 1, columns);
        }
        for (std::int64_t by = 0; by < cell_rows_; ++by) {
            if (by > 0) add_cells(counts + (by - 1) * cell_columns_, cell_columns_, -1, columns);
            const std::int64_t y = by + reach_rows_ - 1;
            if (y < cell_rows_) add_cells(counts + y * cell_columns_, cell_columns_, 1, columns);
            float* bounds = lane.bounds + by * cell_columns_;
            float count = 0;
            const std::int64_t reach = std::min(reach_columns_ - 1, cell_columns_);
            for (std::int64_t x = 0; x < reach; ++x) count += columns[x];
            for (std::int64_t bx = 0; bx < cell_columns_; ++bx) {
                const std::int64_t x = bx + reach_columns_ - 1;
                if (x < cell_columns_) count += columns[x];
                const float part = 1 - heavy[static_cast<std::size_t>(std::min(count, most))];
                bounds[bx] += static_cast<float>(step) * std::max(part, 0.0F);
                count -= columns[bx];
            }
        }
    }
}

const LocalSums::Content* LocalSums::contents(Lane& lane, std::int64_t by) const {
    auto* found = reinterpret_cast<Content*>(lane.columns + cell_columns_);
    if (lane.facts.finite && lane.facts.least > 0) {
        std::fill_n(found, cell_columns_, Content::numbers);
        return found;
    }
    std::fill_n(lane.columns, cell_columns_, 0.0F);
    for (std::int64_t y = by; y < std::min(by + reach_rows_, cell_rows_); ++y) {
        const float* row = lane.contents + y * cell_columns_;
        for (std::int64_t x = 0; x < cell_columns_; ++x) {
            lane.columns[x] = std::max(lane.columns[x], row[x]);
        }
    }
    for (std::int64_t bx = 0; bx < cell_columns_; ++bx) {
        const float* first = lane.columns + bx;
        const float* last = lane.columns + std::min(bx + reach_columns_, cell_columns_);
        found[bx] = static_cast<Content>(static_cast<int>(*std::max_element(first, last)));
    }
    return found;
}

double LocalSums::samples_met(const Lane& lane, std::int64_t by, std::int64_t bx) const {
    std::int64_t cells = 0;
    for (std::int64_t y = by; y < std::min(by + reach_rows_, cell_rows_); ++y) {
        const float* row = lane.contents + y * cell_columns_;
        for (std::int64_t x = bx; x < std::min(bx + reach_columns_, cell_columns_); ++x) {
            cells += row[x] > 0 ? 1 : 0;
        }
    }
    return static_cast<double>(cells * side_ * side_);
}

}  // namespace conv
