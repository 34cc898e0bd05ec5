#include "cpu/winograd/checks.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/size.hpp"
#include "conv/local_error.hpp"
#include "cpu/tile/heavy_weights.hpp"
#include "cpu/tile/lanes.hpp"
#include "cpu/winograd/rows.hpp"

namespace conv {
namespace {

constexpr double kUlp = 1.0 / (1 << 24);
constexpr double kAllowed = 0.8 * kLocalError;
// Six deviations, for m = 2 and m = 4.
constexpr double kErrors2 = 6 * 4, kErrors4 = 6 * 24;
// Of a sample that stands alone.
constexpr double kAlone = 1.0 / 3;
// Thresholds over what all weights together would have to reach: of a block, which may hold many
// zeros, and of a tile of its own.
constexpr double kBlockThreshold = 6, kThreshold = 3.5;
constexpr std::int64_t kDirectColumns = 64;
static_assert(DirectTile::kMapsApart == kWinogradPanel);

/// sqrt(C) * the largest 2-norm of a channel's weights / sum |w|: of each group the largest map's.
std::vector<double> norms(const Problem& p, const Weights& weights) {
    std::vector<double> norms(static_cast<std::size_t>(p.groups), 0.0);
    const float* w = weights.values.data();
    for (std::int64_t k = 0; k < p.K; ++k) {
        double sum = 0, largest = 0;
        for (std::int64_t c = 0; c < p.group_channels(); ++c) {
            double squares = 0;
            for (std::int64_t i = 0; i < p.R * p.S; ++i, ++w) {
                sum += std::abs(double{*w});
                squares += double{*w} * double{*w};
            }
            largest = std::max(largest, squares);
        }
        double& norm = norms[static_cast<std::size_t>(k / p.group_kernels())];
        const double map = std::sqrt(largest * static_cast<double>(p.group_channels()));
        if (sum > 0) norm = std::max(norm, map / sum);
    }
    return norms;
}

/// Sums of |w| over all channels at each place of a map's window, over that of the whole map.
std::array<double, 9> window_parts(const float* map, std::int64_t channels) {
    std::array<double, 9> parts{};
    double all = 0;
    for (std::int64_t i = 0; i < 9 * channels; ++i) {
        const double size = std::abs(double{map[i]});
        parts[static_cast<std::size_t>(i % 9)] += size;
        all += size;
    }
    for (double& part : parts) part = all > 0 ? part / all : 1.0 / 9;
    return parts;
}

/// The sum of the parts at rows [rows.first, rows.second) and columns likewise.
double sum_in(const std::array<double, 9>& parts, std::pair<std::size_t, std::size_t> rows,
              std::pair<std::size_t, std::size_t> columns) {
    double sum = 0;
    for (std::size_t r = rows.first; r < rows.second; ++r) {
        for (std::size_t s = columns.first; s < columns.second; ++s) sum += parts[r * 3 + s];
    }
    return sum;
}

std::vector<WindowRanges> parts_inside(const Problem& p, const Weights& weights) {
    WindowRanges ones;
    for (auto& ends : ones) {
        for (auto& firsts : ends) {
            for (auto& of_columns : firsts) of_columns.fill(1);
        }
    }
    std::vector<WindowRanges> inside(static_cast<std::size_t>(p.groups), ones);
    for (std::int64_t k = 0; k < p.K; ++k) {
        const auto parts =
            window_parts(weights.values.data() + k * 9 * p.group_channels(), p.group_channels());
        WindowRanges& least = inside[static_cast<std::size_t>(k / p.group_kernels())];
        for (std::size_t i = 0; i < 256; ++i) {
            const std::pair rows{i / 64, i / 16 % 4}, columns{i / 4 % 4, i % 4};
            double& part = least[rows.first][rows.second][columns.first][columns.second];
            part = std::min(part, sum_in(parts, rows, columns));
        }
    }
    return inside;
}

bool is_zero_outside(const Border& border) {
    return border.mode == BorderMode::constant &&
           std::all_of(border.values.begin(), border.values.end(), [](float v) { return v == 0; });
}

std::int64_t block_pixels(const WinogradTiling& t) {
    return (t.m * t.tile_rows + 2) * t.width;
}

}  // namespace

WinogradChecks::WinogradChecks(const Problem& problem, const Weights& weights,
                               const WinogradTiling& tiling)
    : p_(problem),
      t_(tiling),
      direct_(problem, weights, tiling.m, kDirectColumns),
      needed_(norms(problem, weights)),
      heavy_(heavy_weights(problem, weights)),
      zeros_outside_(is_zero_outside(problem.border)),
      inside_(parts_inside(problem, weights)) {
    for (double& needed : needed_) {
        needed *= (t_.m == 2 ? kErrors2 : kErrors4) * kUlp / kAllowed;
    }
}

std::int64_t WinogradChecks::floats(const Problem& p, const WinogradTiling& t) {
    return (2 * block_pixels(t) + 3 * t.t * t.t) * kLanes + WinogradRows::floats(p, t.t) +
           round_up(DirectTile::workspace_floats(p, t.m, kDirectColumns), kLanes);
}

WinogradChecks::Look WinogradChecks::begin(const Block& block, float* memory) const {
    Look look{block, 0, 0, {memory, memory + block_pixels(t_) * kLanes}, nullptr, nullptr, nullptr};
    look.pixels = (t_.m * ceil_div(block.rows, t_.m) + 2) * block.width;
    look.samples = memory + 2 * block_pixels(t_) * kLanes;
    look.direct = look.samples + 3 * t_.t * t_.t * kLanes;
    look.rows = look.direct + DirectTile::workspace_floats(p_, t_.m, kDirectColumns);
    std::fill_n(look.facts.squares, look.pixels * kLanes, 0.0F);
    std::fill_n(look.facts.small, look.pixels * kLanes, 0.0F);
    return look;
}

void WinogradChecks::add(Look& look, std::int64_t c, const float* samples) const {
    if (c == 0) {
        double squares = 0;
        for (std::int64_t i = 0; i < look.pixels * kLanes; i += kLanes) {
            squares += double{samples[i]} * double{samples[i]};
        }
        const double needed = *std::max_element(needed_.begin(), needed_.end());
        const double size = std::sqrt(squares / static_cast<double>(look.pixels));
        look.threshold = static_cast<float>(kBlockThreshold * needed * size);
    }
    winograd_gather(samples, look.pixels, look.threshold, look.facts);
}

WinogradChecks::Place WinogradChecks::place_of(const Block& block, std::int64_t group,
                                               std::int64_t ty, std::int64_t tx) const {
    const std::int64_t row = ty * t_.m, column = tx * t_.m;
    return {group, block.first_row + row - p_.padding.top, block.column + column - p_.padding.left,
            std::min(t_.m, block.rows - row), std::min(t_.m, block.columns - column)};
}

double WinogradChecks::part_met(const Place& place, std::int64_t y, std::int64_t x,
                                double small) const {
    const auto group = static_cast<std::size_t>(place.group);
    const auto range = [&](std::int64_t first, std::int64_t size) {
        if (!zeros_outside_) return std::pair<std::size_t, std::size_t>{0, 3};
        return std::pair{static_cast<std::size_t>(std::clamp<std::int64_t>(-first, 0, 3)),
                         static_cast<std::size_t>(std::clamp<std::int64_t>(size - first, 0, 3))};
    };
    const auto rows = range(place.row + y, p_.H), columns = range(place.column + x, p_.W);
    if (rows.first >= rows.second || columns.first >= columns.second) return 0;
    const auto met =
        static_cast<double>((rows.second - rows.first) * (columns.second - columns.first));
    // Lanes without a channel hold zeros, and so do all outside.
    const auto channels = static_cast<double>(t_.channels);
    const auto lanes = static_cast<double>(round_up(t_.channels, kLanes));
    const double others = 9 * (lanes - channels) + (9 - met) * channels;
    const std::vector<float>& heavy = heavy_[group];
    const auto j = static_cast<std::size_t>(
        std::clamp(small - others, 0.0, static_cast<double>(heavy.size() - 1)));
    return inside_[group][rows.first][rows.second][columns.first][columns.second] -
           double{heavy[j]};
}

WinogradChecks::TileFacts WinogradChecks::facts_of(const Place& place, const PixelFacts& facts,
                                                   std::int64_t first, std::int64_t width) const {
    double squares = 0, most = 0, part = 1;
    for (std::int64_t y = 0; y < t_.t; ++y) {
        for (std::int64_t x = 0; x < t_.t; ++x) {
            const double square = double{facts.squares[first + y * width + x]};
            squares += square;
            most = std::max(most, square);
        }
    }
    for (std::int64_t y = 0; y < place.rows; ++y) {
        for (std::int64_t x = 0; x < place.columns; ++x) {
            float count = 0;
            for (std::int64_t r = 0; r < 3; ++r) {
                const float* row = facts.small + first + (y + r) * width + x;
                count += row[0] + row[1] + row[2];
            }
            part = std::min(part, part_met(place, y, x, double{count}));
        }
    }
    return {std::sqrt(std::max(squares / static_cast<double>(t_.points()), most * kAlone * kAlone) /
                      static_cast<double>(t_.channels)),
            part};
}

bool WinogradChecks::fine(std::int64_t group, const TileFacts& tile, double threshold) const {
    const double needed = needed_[static_cast<std::size_t>(group)] * tile.size;
    // Comparisons with NaN are false.
    return tile.size == 0 || needed <= threshold * tile.part;
}

/// Whether a tile is fine with a threshold of its own.
bool WinogradChecks::fine_by_itself(const Source& src, const Look& look, const Place& place,
                                    double size) const {
    if (!std::isfinite(size)) return false;
    const std::int64_t pixels = t_.t * t_.t;
    const double threshold = kThreshold * needed_[static_cast<std::size_t>(place.group)] * size;
    const PixelFacts facts{look.samples + pixels * kLanes, look.samples + 2 * pixels * kLanes};
    std::fill_n(facts.squares, pixels * kLanes, 0.0F);
    std::fill_n(facts.small, pixels * kLanes, 0.0F);
    for (std::int64_t c = 0; c < t_.channels; c += kLanes) {
        const WinogradRows rows(p_, src, look.block.picture, place.group * t_.channels + c,
                                std::min(kLanes, t_.channels - c), look.rows);
        for (std::int64_t h = 0; h < t_.t; ++h) {
            rows.read(place.row + h, place.column, t_.t, look.samples + h * t_.t * kLanes);
        }
        winograd_gather(look.samples, pixels, static_cast<float>(threshold), facts);
    }
    winograd_reduce(pixels, facts);
    return fine(place.group, facts_of(place, facts, 0, t_.t),
                double{static_cast<float>(threshold)});
}

void WinogradChecks::mend(const Source& src, const Maps& maps, Look& look,
                          TensorView<float> dst) const {
    winograd_reduce(look.pixels, look.facts);
    const Block& block = look.block;
    const auto doubtful = [&](std::int64_t ty, std::int64_t tx) {
        const Place place = place_of(block, maps.group, ty, tx);
        const TileFacts tile =
            facts_of(place, look.facts, ty * t_.m * block.width + tx * t_.m, block.width);
        return !fine(maps.group, tile, double{look.threshold}) &&
               !fine_by_itself(src, look, place, tile.size);
    };
    for (std::int64_t ty = 0; ty < ceil_div(block.rows, t_.m); ++ty) {
        const std::int64_t row = ty * t_.m, rows = std::min(t_.m, block.rows - row);
        const std::int64_t tiles = ceil_div(block.columns, t_.m);
        for (std::int64_t tx = 0; tx < tiles; ++tx) {
            if (!doubtful(ty, tx)) continue;
            const std::int64_t first = tx * t_.m;
            while (tx + 1 < tiles && (tx + 2) * t_.m - first <= direct_.columns() &&
                   doubtful(ty, tx + 1)) {
                ++tx;
            }
            const std::int64_t columns = std::min((tx + 1) * t_.m, block.columns) - first;
            direct_.sum(src,
                        {maps.group,
                         maps.first,
                         maps.end,
                         {block.first_row + row, rows, block.column + first, columns},
                         block.first_row},
                        dst, look.direct);
        }
    }
}

}  // namespace conv
