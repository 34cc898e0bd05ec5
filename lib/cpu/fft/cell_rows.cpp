#include "cpu/fft/cell_rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

// This file is compiled once for each instruction set; the best one is chosen at run time. The
// compiler vectorises these loops well by itself.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/fft/cell_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace conv {
namespace HWY_NAMESPACE {
namespace {

void gather(const float* HWY_RESTRICT row, std::int64_t count, const ColumnFacts& columns) {
    float* HWY_RESTRICT sums = columns.sums;
    float* HWY_RESTRICT squares = columns.squares;
    float* HWY_RESTRICT most = columns.most;
    float* HWY_RESTRICT least = columns.least;
    for (std::int64_t w = 0; w < count; ++w) {
        const float x = std::abs(row[w]);
        sums[w] += x;
        squares[w] += x * x;
        most[w] = most[w] < x ? x : most[w];
        least[w] = x < least[w] ? x : least[w];
    }
}

RowFacts facts(const float* HWY_RESTRICT row, std::int64_t count) {
    namespace hn = hwy::HWY_NAMESPACE;
    const hn::ScalableTag<float> d;
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
    auto squares = hn::Zero(d), more = hn::Zero(d);
    auto most = hn::Set(d, -kInfinity), least = hn::Set(d, kInfinity);
    std::int64_t w = 0;
    for (; w + 2 * lanes <= count; w += 2 * lanes) {
        const auto x = hn::LoadU(d, row + w), y = hn::LoadU(d, row + w + lanes);
        squares = hn::MulAdd(x, x, squares);
        more = hn::MulAdd(y, y, more);
        most = hn::Max(most, hn::Max(x, y));
        least = hn::Min(least, hn::Min(x, y));
    }
    RowFacts row_facts = {hn::GetLane(hn::SumOfLanes(d, hn::Add(squares, more))),
                          hn::GetLane(hn::MaxOfLanes(d, most)),
                          hn::GetLane(hn::MinOfLanes(d, least))};
    for (; w < count; ++w) {
        row_facts.squares += row[w] * row[w];
        row_facts.most = std::max(row_facts.most, row[w]);
        row_facts.least = std::min(row_facts.least, row[w]);
    }
    return row_facts;
}

void least_of(const float* HWY_RESTRICT row, std::int64_t count, float factor,
              float* HWY_RESTRICT least) {
    for (std::int64_t w = 0; w < count; ++w) {
        const float x = row[w] * factor, finite = x - x == 0 ? x : 0.0F;
        least[w] = finite < least[w] ? finite : least[w];
    }
}

void count_small(const float* HWY_RESTRICT row, std::int64_t count, float threshold,
                 float* HWY_RESTRICT counts) {
    for (std::int64_t w = 0; w < count; ++w) {
        counts[w] += std::abs(row[w]) >= threshold ? 0.0F : 1.0F;
    }
}

void add(const float* HWY_RESTRICT from, std::int64_t count, float factor, float* HWY_RESTRICT to) {
    for (std::int64_t i = 0; i < count; ++i) to[i] += factor * from[i];
}

void quads(const float* HWY_RESTRICT from, std::int64_t count, float* HWY_RESTRICT to) {
    for (std::int64_t i = 0; i < count; ++i) {
        to[i] += (from[4 * i] + from[4 * i + 1]) + (from[4 * i + 2] + from[4 * i + 3]);
    }
}

void scale(float* row, std::int64_t count, float factor, bool finite) {
    if (finite) {
        for (std::int64_t w = 0; w < count; ++w) row[w] *= factor;
        return;
    }
    for (std::int64_t w = 0; w < count; ++w) row[w] = row[w] - row[w] == 0 ? row[w] * factor : 0.0F;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace conv
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace conv {

HWY_EXPORT(gather);
HWY_EXPORT(facts);
HWY_EXPORT(least_of);
HWY_EXPORT(count_small);
HWY_EXPORT(add);
HWY_EXPORT(quads);
HWY_EXPORT(scale);

void gather_row(const float* row, std::int64_t count, const ColumnFacts& columns) {
    HWY_DYNAMIC_DISPATCH(gather)(row, count, columns);
}

RowFacts facts_of_row(const float* row, std::int64_t count) {
    return HWY_DYNAMIC_DISPATCH(facts)(row, count);
}

void least_of_rows(const float* row, std::int64_t count, float factor, float* least) {
    HWY_DYNAMIC_DISPATCH(least_of)(row, count, factor, least);
}

void count_row(const float* row, std::int64_t count, float threshold, float* counts) {
    HWY_DYNAMIC_DISPATCH(count_small)(row, count, threshold, counts);
}

void add_cells(const float* from, std::int64_t count, float factor, float* to) {
    HWY_DYNAMIC_DISPATCH(add)(from, count, factor, to);
}

void add_quads(const float* from, std::int64_t count, float* to) {
    HWY_DYNAMIC_DISPATCH(quads)(from, count, to);
}

void scale_row(float* row, std::int64_t count, float factor, bool finite) {
    HWY_DYNAMIC_DISPATCH(scale)(row, count, factor, finite);
}

}  // namespace conv
#endif  // HWY_ONCE
