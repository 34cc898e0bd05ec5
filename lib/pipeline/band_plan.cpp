#include "pipeline/band_plan.hpp"

#include <algorithm>

#include "base/size.hpp"
#include "tensor/border.hpp"

namespace conv {
namespace {

std::int64_t end_of(RowRange rows) {
    return rows.first + rows.count;
}

}  // namespace

RowRange hull(RowRange a, RowRange b) {
    if (a.count == 0) return b;
    if (b.count == 0) return a;
    const std::int64_t first = std::min(a.first, b.first);
    return {first, std::max(end_of(a), end_of(b)) - first};
}

RowRange common_rows(RowRange a, RowRange b) {
    const std::int64_t first = std::max(a.first, b.first);
    return {first, std::max<std::int64_t>(std::min(end_of(a), end_of(b)) - first, 0)};
}

RowRange whole_blocks(RowRange rows, std::int64_t block, std::int64_t height) {
    const std::int64_t first = rows.first / block * block;
    return {first, std::min(round_up(end_of(rows), block), height) - first};
}

RowRange needed_rows(const Problem& problem, RowRange rows) {
    const std::int64_t begin = rows.first * problem.stride_h - problem.padding.top;
    const std::int64_t end = begin + problem.padded_rows(rows.count);
    const std::int64_t H = problem.H;
    const std::int64_t inside = std::clamp<std::int64_t>(begin, 0, H);
    RowRange needed{inside, std::clamp<std::int64_t>(end, inside, H) - inside};
    const auto add_outside = [&](std::int64_t from, std::int64_t to) {
        // A border repeats itself after at most 2 H rows.
        for (std::int64_t h = from; h < std::min(to, from + 2 * H); ++h) {
            const std::int64_t row = border_index(problem.border.mode, h, H);
            if (row >= 0) needed = hull(needed, {row, 1});
        }
    };
    add_outside(begin, std::min<std::int64_t>(end, 0));
    add_outside(std::max(begin, H), end);
    return needed;
}

std::vector<Band> plan_bands(const Problem& problem, std::int64_t band_rows,
                             std::optional<RowRange> range) {
    return plan_bands(range.value_or(RowRange{0, problem.P()}), range.has_value(), band_rows,
                      [&](RowRange rows) { return needed_rows(problem, rows); });
}

std::vector<Band> plan_bands(RowRange outputs, bool from_first_needed, std::int64_t band_rows,
                             const std::function<RowRange(RowRange)>& needed_of) {
    const std::int64_t P = outputs.first + outputs.count;
    std::vector<Band> bands;
    bands.reserve(static_cast<std::size_t>(ceil_div(outputs.count, band_rows)));
    std::int64_t all = 0;  // rows before this one are needed
    for (std::int64_t first = outputs.first; first < P; first += band_rows) {
        const RowRange rows{first, std::min(band_rows, P - first)};
        bands.push_back({rows, needed_of(rows)});
        all = std::max(all, end_of(bands.back().window));
    }
    std::int64_t first = all;
    for (auto band = bands.rbegin(); band != bands.rend(); ++band) {
        const RowRange needed = band->window;
        if (needed.count > 0) first = std::min(first, needed.first);
        band->window = {first, needed.count > 0 ? end_of(needed) - first : 0};
    }
    std::int64_t end = from_first_needed && !bands.empty() ? bands.front().window.first : 0;
    for (Band& band : bands) {
        const std::int64_t last = std::max(end, end_of(band.window));
        // Rows that nobody needs, between strides, are read into the window too.
        band.window.first = std::min(band.window.first, end);
        band.window.count = last - band.window.first;
        end = last;
    }
    return bands;
}

std::int64_t largest_window(const std::vector<Band>& bands) {
    std::int64_t rows = 0;
    for (const Band& band : bands) rows = std::max(rows, band.window.count);
    return rows;
}

}  // namespace conv
