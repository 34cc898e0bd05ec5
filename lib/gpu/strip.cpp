#include "gpu/strip.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>

#include "base/size.hpp"

namespace conv::gpu {
namespace {

/// Spreads the N-lane columns of one padded row over the column phases, converting to T, which
/// holds every value exactly.
template <typename T>
void scatter_row(const StripLayout& layout, const std::vector<float>& row, T* to) {
    const Problem& p = layout.problem;
    const std::int64_t width = p.padded_width();
    for (std::int64_t phase = 0; phase < p.stride_w; ++phase) {
        T* out = to + phase * layout.column_phase();
        if (p.stride_w == 1) {
            std::transform(row.begin(), row.end(), out, [](float x) { return static_cast<T>(x); });
            continue;
        }
        for (std::int64_t w = phase; w < width; w += p.stride_w) {
            for (std::int64_t n = 0; n < p.N; ++n) {
                *out++ = static_cast<T>(row[static_cast<std::size_t>(w * p.N + n)]);
            }
        }
    }
}

std::int32_t narrow(std::int64_t value) {
    return static_cast<std::int32_t>(value);
}

/// The largest exponent tells, without branches.
bool is_finite(const float* row, std::int64_t count) {
    constexpr std::uint32_t kExponent = 0x7f800000;
    std::uint32_t most = 0;
    for (std::int64_t i = 0; i < count; ++i) {
        most = std::max(most, std::bit_cast<std::uint32_t>(row[i]) & kExponent);
    }
    return most != kExponent;
}

template <typename T>
StripRows fill(const StripLayout& layout, const Source& source, RowRange rows, T* strip) {
    const Problem& p = layout.problem;
    assert(rows.count > 0 && rows.count <= layout.rows && rows.first + rows.count <= p.P());
    StripRows filled{rows.count, true};
    std::vector<float> row(static_cast<std::size_t>(p.padded_width() * p.N));
    const std::int64_t first = rows.first * p.stride_h - p.padding.top;
    for (std::int64_t c = 0; c < p.C; ++c) {
        const std::int64_t channel =
            c / layout.channels * layout.group() + c % layout.channels * layout.line;
        for (std::int64_t h = 0; h < p.padded_rows(rows.count); ++h) {
            T* to = strip + channel + h % p.dilation_h * layout.row_phase() +
                    h / p.dilation_h * layout.channels * layout.line;
            float* padded = row.data();
            if constexpr (std::is_same_v<T, float>) {
                if (p.stride_w == 1) padded = to;
            }
            pad_row(source, p.border, c, first + h, -p.padding.left, p.padded_width(), padded);
            if (source.type == SampleType::f32 && filled.finite) {
                filled.finite = is_finite(padded, p.padded_width() * p.N);
            }
            if (padded == row.data()) scatter_row(layout, row, to);
        }
    }
    return filled;
}

/// One row of results, all pictures of its columns, into a row of dst.
template <typename T>
void store_row(const T* from, const TensorView<T>& dst, std::int64_t k, std::int64_t p) {
    const auto [N, K, P, Q] = dst.shape;
    if (dst.strides.W == N && (N == 1 || dst.strides.N == 1)) {
        std::memcpy(&dst(0, k, p, 0), from, static_cast<std::size_t>(Q * N) * sizeof(T));
        return;
    }
    for (std::int64_t q = 0; q < Q; ++q) {
        for (std::int64_t n = 0; n < N; ++n) dst(n, k, p, q) = *from++;
    }
}

template <typename T>
void store(const ResultLayout& layout, const T* results, const TensorView<T>& dst) {
    for (std::int64_t k = 0; k < dst.shape.C; ++k) {
        for (std::int64_t p = 0; p < dst.shape.H; ++p) {
            store_row(results + layout.offset(k, p), dst, k, p);
        }
    }
}

}  // namespace

StripLayout::StripLayout(const Problem& p, std::int64_t strip_rows)
    : problem(p),
      rows(strip_rows),
      channels(p.group_channels()),
      lines(ceil_div(p.padded_rows(strip_rows), p.dilation_h)),
      line(round_up(ceil_div(p.padded_width(), p.stride_w) * p.N, kLineSamples)) {
    assert(strip_rows > 0);
}

ResultLayout planar_results(const Problem& p, std::int64_t rows) {
    ResultLayout layout{};
    layout.line = round_up(p.Q() * p.N, kLineSamples);
    layout.maps = p.group_kernels();
    layout.chain = 1;
    layout.row_step = layout.line;
    layout.map_step = rows * layout.line;
    layout.group_step = layout.maps * layout.map_step;
    layout.size = p.K * layout.map_step;
    return layout;
}

ResultLayout chained_results(const Problem& p, std::int64_t rows, std::int64_t chain) {
    ResultLayout layout{};
    layout.line = round_up(p.Q() * p.N, kLineSamples);
    layout.maps = p.group_kernels();
    layout.chain = chain;
    layout.map_step = layout.line;
    layout.row_step = layout.maps * layout.line;
    layout.chain_step = ceil_div(rows, chain) * layout.row_step;
    layout.group_step = chain * layout.chain_step;
    layout.size = p.groups * layout.group_step;
    return layout;
}

DeviceStrip device_strip(const StripLayout& input, const ResultLayout& results, std::int64_t rows) {
    const Problem& p = input.problem;
    return {.columns = narrow(p.Q() * p.N),
            .rows = narrow(rows),
            .channels = narrow(input.channels),
            .maps = narrow(results.maps),
            .R = narrow(p.R),
            .S = narrow(p.S),
            .N = narrow(p.N),
            .stride_w = narrow(p.stride_w),
            .dilation_w = narrow(p.dilation_w),
            .stride_h = narrow(p.stride_h),
            .dilation_h = narrow(p.dilation_h),
            .line = narrow(input.line),
            .row_phase = narrow(input.row_phase()),
            .column_phase = narrow(input.column_phase()),
            .group = narrow(input.group()),
            .result_line = narrow(results.line),
            .result_map = narrow(results.map_step)};
}

DeviceResults device_results(const ResultLayout& results, std::int64_t rows) {
    return {.line = narrow(results.line),
            .rows = narrow(rows),
            .maps = narrow(results.maps),
            .chain = narrow(results.chain),
            .group_step = narrow(results.group_step),
            .chain_step = narrow(results.chain_step),
            .row_step = narrow(results.row_step),
            .map_step = narrow(results.map_step)};
}

SampleType travel_type(const Problem& problem, const Source& source) {
    if (source.alpha_weighted) return SampleType::f32;
    const auto& values = problem.border.values;
    const double most = source.type == SampleType::u8 ? 255 : 65535;
    const bool exact = std::all_of(values.begin(), values.end(), [&](float v) {
        return v >= 0 && v <= most && v == std::floor(v);
    });
    return exact ? source.type : SampleType::f32;
}

StripRows fill_strip(const StripLayout& layout, const Source& source, RowRange rows,
                     SampleType type, void* strip) {
    switch (type) {
        case SampleType::u8:
            return fill(layout, source, rows, static_cast<std::uint8_t*>(strip));
        case SampleType::u16:
            return fill(layout, source, rows, static_cast<std::uint16_t*>(strip));
        case SampleType::f32:
            break;
    }
    return fill(layout, source, rows, static_cast<float*>(strip));
}

void store_results(const ResultLayout& layout, const float* results, TensorView<float> dst) {
    store(layout, results, dst);
}

void store_results(const ResultLayout& layout, const std::uint8_t* results,
                   TensorView<std::uint8_t> dst) {
    store(layout, results, dst);
}

}  // namespace conv::gpu
