#include "cpu/tile/direct_tile.hpp"

#include <algorithm>
#include <numeric>

#include "base/size.hpp"
#include "cpu/tile/direct_rows.hpp"
#include "cpu/tile/lanes.hpp"

namespace conv {

DirectTile::DirectTile(const Problem& problem, const Weights& weights, std::int64_t rows,
                       std::int64_t columns)
    : p_(problem),
      rows_(std::min(rows, problem.P())),
      columns_(std::min(columns, problem.Q())),
      chain_step_(problem.dilation_h / std::gcd(problem.stride_h, problem.dilation_h)),
      row_step_(problem.stride_h / std::gcd(problem.stride_h, problem.dilation_h)),
      layout_(problem, TileOrder::lines, 1, rows_, columns_),
      bias_(weights.bias.begin(), weights.bias.end()) {
    bias_.resize(static_cast<std::size_t>(p_.K));
    for (std::int64_t s = 0; s < p_.S; ++s) taps_.push_back(layout_.tap(p_, s));
    const std::int64_t window = p_.group_channels() * p_.R * p_.S;
    for (std::int64_t k = 0; k < p_.K; k += maps_.back().count) {
        const std::int64_t i = k % p_.group_kernels(), rest = kMapsApart - i % kMapsApart;
        const std::int64_t together =
            maps_share_lines(p_.R, row_step_, p_.group_kernels()) ? kRowsTogether : 1;
        const std::int64_t count = std::min({together, rest, p_.group_kernels() - i});
        const float* from = weights.values.data() + k * window;
        maps_.push_back({k, count,
                         count == 1 ? direct_weights(from, p_.group_channels(), p_.R, p_.S)
                                    : direct_map_weights(from, count, window)});
    }
}

std::int64_t DirectTile::workspace_floats(const Problem& p, std::int64_t rows,
                                          std::int64_t columns) {
    const TileLayout layout(p, TileOrder::lines, 1, std::min(rows, p.P()),
                            std::min(columns, p.Q()));
    return round_up(layout.floats + kLanes + tile_row_floats(p, std::min(columns, p.Q())), kLanes);
}

/// Zeros around a picture's content need no products: bounds of what is not zero, in cells.
DirectTile::Window DirectTile::used_window(const Tile& tile, const float* lines) const {
    std::int64_t first_h = p_.padded_rows(tile.rows), end_h = 0;
    const std::int64_t width = columns_touched(p_, tile.columns);
    std::int64_t first_w = width, end_w = 0;
    for (std::int64_t h = 0; h < p_.padded_rows(tile.rows); ++h) {
        for (std::int64_t i = 0; i < layout_.channels * p_.stride_w; ++i) {
            const std::int64_t phase = i % p_.stride_w;
            const float* line =
                lines + layout_.offset(h, i / p_.stride_w) + phase * layout_.column_phase_step;
            const std::int64_t count = ceil_div(width - phase, p_.stride_w) * p_.N;
            const auto nonzero = [](float x) { return x != 0; };
            const float* first = std::find_if(line, line + count, nonzero);
            if (first == line + count) continue;
            std::int64_t last = count - 1;
            while (line[last] == 0) --last;
            first_h = std::min(first_h, h);
            end_h = h + 1;
            first_w = std::min(first_w, (first - line) / p_.N * p_.stride_w + phase);
            end_w = std::max(end_w, last / p_.N * p_.stride_w + phase + 1);
        }
    }
    if (end_h == 0) return {0, 0, 0, 0};
    const auto cells = [](std::int64_t first, std::int64_t end, std::int64_t reach,
                          std::int64_t dilation, std::int64_t count) {
        const std::int64_t begin =
            std::max<std::int64_t>(ceil_div(std::max<std::int64_t>(first - reach, 0), dilation), 0);
        return std::pair(begin, std::min(count, (end - 1) / dilation + 1) - begin);
    };
    const auto [r, R] = cells(first_h, end_h, (tile.rows - 1) * p_.stride_h, p_.dilation_h, p_.R);
    const auto [s, S] =
        cells(first_w, end_w, (tile.columns - 1) * p_.stride_w, p_.dilation_w, p_.S);
    return R <= 0 || S <= 0 ? Window{0, 0, 0, 0} : Window{r, R, s, S};
}

void DirectTile::sum(const Source& src, const Outputs& outputs, TensorView<float> dst,
                     float* workspace) const {
    const Tile& tile = outputs.tile;
    fill_tile(p_, layout_, src, outputs.group, tile, workspace,
              workspace + layout_.floats + kLanes);
    const Window window = used_window(tile, workspace);
    const std::int64_t first = outputs.group * p_.group_kernels();
    for (const Maps& maps : maps_) {
        if (maps.first < first + outputs.first_map || maps.first >= first + outputs.end_map)
            continue;
        sum_maps(maps, outputs, window, workspace, dst);
    }
}

void DirectTile::sum_maps(const Maps& maps, const Outputs& outputs, const Window& window,
                          const float* lines, TensorView<float> dst) const {
    const Tile& tile = outputs.tile;
    const auto out = [&](std::int64_t map, std::int64_t row) {
        return &dst(0, map, tile.first_row + row - outputs.first_row, tile.first_column);
    };
    if (window.R == 0) {
        for (std::int64_t map = maps.first; map < maps.first + maps.count; ++map) {
            for (std::int64_t t = 0; t < tile.rows; ++t) {
                std::fill_n(out(map, t), tile.columns * p_.N, bias_[static_cast<std::size_t>(map)]);
            }
        }
        return;
    }
    const bool alone = maps.count == 1;
    const std::int64_t first_tap = alone
                                       ? window.first_s * p_.R + (p_.R - window.first_r - window.R)
                                       : (window.first_r * p_.S + window.first_s) * maps.count;
    for (std::int64_t start = 0; start < std::min(chain_step_, tile.rows); ++start) {
        direct_rows({.lines = lines + (start * p_.stride_h + window.first_r * p_.dilation_h) *
                                          layout_.line_step,
                     .channel_step = layout_.channel_step,
                     .line_step = p_.dilation_h * layout_.line_step,
                     .row_step = row_step_,
                     .taps = taps_.data() + window.first_s,
                     .weights = maps.weights.data() + first_tap,
                     .weight_step = alone ? p_.R : maps.count,
                     .weight_channel = p_.R * p_.S * maps.count,
                     .weight_row = p_.S * maps.count,
                     .bias = bias_.data() + maps.first,
                     .channels = p_.group_channels(),
                     .R = window.R,
                     .S = window.S,
                     .out = out(maps.first, start),
                     .out_step = dst.strides.H * chain_step_,
                     .rows = ceil_div(tile.rows - start, chain_step_),
                     .columns = tile.columns * p_.N,
                     .maps = maps.count,
                     .map_step = dst.strides.C});
    }
}

}  // namespace conv
