#include "cpu/fft/smallest_weights.hpp"

#include <algorithm>
#include <cmath>

#include "cpu/fft/cell_rows.hpp"
#include "cpu/fft/tiling.hpp"

namespace conv {
namespace {

/// |weights| of a map's channel over the map's sum |w|, dilated windows with zeros between.
struct Window {
    std::int64_t rows, columns;
    std::vector<float> values;

    Window(const Problem& p, const float* weights, double norm)
        : rows(window_rows(p)),
          columns(window_columns(p)),
          values(static_cast<std::size_t>(rows * columns), 0.0F) {
        for (std::int64_t r = 0; r < p.R; ++r) {
            for (std::int64_t s = 0; s < p.S; ++s) {
                const double w = std::abs(double{weights[r * p.S + s]});
                values[static_cast<std::size_t>(r * p.dilation_h * columns + s * p.dilation_w)] =
                    static_cast<float>(w / norm);
            }
        }
    }
};

/// Numbers of a row or of a column of a window, and how many cells it touches.
struct Line {
    std::int64_t count, step, cells;
};

/// out[o] = the least of in[(o * side - side + 1) .. (o * side + side - 1)], steps apart, 0
/// outside.
void least_nearby(const float* in, const Line& line, std::int64_t side, float* out) {
    for (std::int64_t o = 0; o < line.cells; ++o) {
        const std::int64_t first = o * side - side + 1, last = o * side + side - 1;
        float least = first < 0 || last >= line.count ? 0 : kInfinity;
        for (std::int64_t i = first; least > 0 && i <= last; ++i) {
            least = std::min(least, in[i * line.step]);
        }
        out[o * line.step] = least;
    }
}

double map_norm(const float* weights, std::int64_t count) {
    double norm = 0;
    for (std::int64_t i = 0; i < count; ++i) norm += std::abs(double{weights[i]});
    return norm;
}

/// Calls body(group, weights of a map, their sum of absolutes) for the maps that are not all zero.
template <typename Body>
void for_each_map(const Problem& p, const Weights& weights, const Body& body) {
    const std::int64_t each = p.group_channels() * p.R * p.S;
    for (std::int64_t k = 0; k < p.K; ++k) {
        const float* map = weights.values.data() + k * each;
        const double norm = map_norm(map, each);
        if (norm > 0) body(k / p.group_kernels(), map, norm);
    }
}

/// Takes the weights of one channel of a map into the least of its cells.
void take_window(const Window& window, const CellReach& reach, float* least) {
    const auto& [side, high, wide] = reach;
    std::vector<float> rows(static_cast<std::size_t>(high * window.columns));
    std::vector<float> cells(static_cast<std::size_t>(wide));
    for (std::int64_t s = 0; s < window.columns; ++s) {
        least_nearby(window.values.data() + s, {window.rows, window.columns, high}, side,
                     rows.data() + s);
    }
    for (std::int64_t o = 0; o < high; ++o) {
        least_nearby(rows.data() + o * window.columns, {window.columns, 1, wide}, side,
                     cells.data());
        for (std::int64_t i = 0; i < wide; ++i, ++least)
            *least = std::min(*least, cells[static_cast<std::size_t>(i)]);
    }
}

}  // namespace

SmallestWeights smallest_weights(const Problem& p, const Weights& weights, const CellReach& reach) {
    const std::int64_t C = p.group_channels(), each = reach.rows * reach.columns;
    SmallestWeights smallest{std::vector<float>(static_cast<std::size_t>(p.C * each), kInfinity),
                             1};
    for_each_map(p, weights, [&](std::int64_t group, const float* map, double norm) {
        float* to = smallest.values.data() + group * C * each;
        for (std::int64_t c = 0; c < C; ++c, map += p.R * p.S, to += each)
            take_window(Window(p, map, norm), reach, to);
    });
    for (auto at = smallest.values.begin(); at != smallest.values.end(); at += C * each) {
        double sum = 0;
        std::for_each(at, at + C * each, [&](float& least) {
            if (least == kInfinity) least = 0;  // all maps are zero
            sum += double{least};
        });
        smallest.part = std::min(smallest.part, sum * static_cast<double>(reach.side * reach.side));
    }
    return smallest;
}

double largest_weight_share(const Problem& p, const Weights& weights) {
    double largest = 0;
    for_each_map(p, weights, [&](std::int64_t, const float* map, double norm) {
        double peaks = 0;
        for (std::int64_t c = 0; c < p.group_channels(); ++c, map += p.R * p.S) {
            float peak = 0;
            for (std::int64_t i = 0; i < p.R * p.S; ++i) peak = std::max(peak, std::abs(map[i]));
            peaks += double{peak};
        }
        largest = std::max(largest, peaks / norm);
    });
    return largest;
}

}  // namespace conv
