#include "cpu/sliding/two_lines.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <limits>
#include <utility>

#include "base/aligned_buffer.hpp"
#include "base/size.hpp"
#include "conv/run_contract.hpp"
#include "tensor/border.hpp"

namespace conv {
namespace {

// Sums of this many columns stay in the first cache over kRowsAlong rows.
constexpr std::int64_t kColumnsAtOnce = 256;
/// Lines begin on cache lines.
constexpr std::int64_t aligned(std::int64_t floats) {
    return round_up(floats, kBufferAlignment / kFloatBytes);
}

RunningLine counting_line(std::int64_t taps) {
    return RunningLine({.amplitudes = {1}, .frequencies = {0}, .deviation = 0}, taps);
}

bool all_finite(const float* row, std::int64_t count) {
    constexpr std::uint32_t kExponent = 0x7f800000;
    std::uint32_t most = 0;  // the largest exponent, without branches
    for (std::int64_t i = 0; i < count; ++i) {
        most = std::max(most, std::bit_cast<std::uint32_t>(row[i]) & kExponent);
    }
    return most != kExponent;
}

}  // namespace

/// Scratch of one run.
struct TwoLines::Work {
    double* state;              ///< states_ x line_floats
    float *entering, *leaving;  ///< kRowsAlong rows each
    float* results;             ///< kRowsAlong rows of column sums
    float* turned;              ///< those of one picture, W columns and one of the constant
    float* along;               ///< Q columns of results
};

/// Up to kRowsAlong steps down: step i brings padded row first_row + begin + i of the picture, from
/// where the block begins on.
struct TwoLines::Steps {
    std::int64_t first_row, begin, count, R, stride;

    bool ends_window(std::int64_t i) const {
        const std::int64_t t = begin + i - (R - 1);
        return t >= 0 && t % stride == 0;
    }
    /// Of the block's results, the first that these steps give, and one past the last.
    std::int64_t first_result() const {
        return ceil_div(std::max<std::int64_t>(begin - (R - 1), 0), stride);
    }
    std::int64_t end_result() const {
        const std::int64_t last = begin + count - R;
        return last < 0 ? first_result() : last / stride + 1;
    }
};

TwoLines::TwoLines(const Problem& problem, std::vector<LinePair> pairs, std::span<const float> bias)
    : p_(problem),
      pairs_(std::move(pairs)),
      counts_{counting_line(p_.R), counting_line(p_.S), static_cast<double>(p_.R)},
      bias_(bias.begin(), bias.end()),
      states_(1) {
    bias_.resize(static_cast<std::size_t>(p_.K));
    for (const LinePair& pair : pairs_) states_ = std::max(states_, pair.column.states());
    for (std::int64_t w = 0; w < p_.padded_width(); ++w) {
        const std::int64_t from = border_index(p_.border.mode, w - p_.padding.left, p_.W);
        places_.push_back((from < 0 ? p_.W : from) * p_.N * kRowsAlong);
    }
}

std::int64_t TwoLines::rows_of_block(const Problem& p) {
    constexpr std::int64_t kLeast = 64;
    return std::max(kLeast, 2 * p.R);
}

Memory TwoLines::memory() const {
    constexpr std::int64_t kDouble = sizeof(double);
    const std::int64_t rows = 3 * kRowsAlong * aligned(line_floats());
    const std::int64_t turned = kRowsAlong * (p_.W + 1 + p_.Q()) * p_.N;
    return {static_cast<std::int64_t>(places_.size()) * kDouble,
            states_ * aligned(line_floats()) * kDouble + (rows + turned) * kFloatBytes,
            rows_of_block(p_)};
}

TwoLines::Work TwoLines::split(float* workspace) const {
    const std::int64_t line = aligned(line_floats());
    auto* state = reinterpret_cast<double*>(workspace);
    auto* entering = reinterpret_cast<float*>(state + states_ * line);
    float* leaving = entering + kRowsAlong * line;
    float* results = leaving + kRowsAlong * line;
    float* turned = results + kRowsAlong * line;
    return {state, entering, leaving, results, turned, turned + kRowsAlong * (p_.W + 1) * p_.N};
}

void TwoLines::run(const Source& src, RowRange rows, TensorView<float> dst,
                   float* workspace) const {
    assert(run_operands_fit(p_, src, rows, dst) && workspace_fits(workspace));
    assert(rows.count <= rows_of_block(p_));
    const Work work = split(workspace);
    for (std::int64_t k = 0; k < p_.K; ++k) {
        const LinePair& pair = pairs_[static_cast<std::size_t>(k)];
        const bool holes = sum_map({src, k, rows, Reading::samples, dst}, pair, work);
        if (holes) sum_map({src, k, rows, Reading::holes, dst}, counts_, work);
    }
}

/// One map of a block; whether it holds NaN or Inf.
bool TwoLines::sum_map(const Block& block, const LinePair& pair, const Work& work) const {
    const std::int64_t line = aligned(line_floats());
    std::fill_n(work.state, pair.column.states() * line, 0.0);
    Steps steps{block.rows.first * p_.stride_h - p_.padding.top, 0, 0, p_.R, p_.stride_h};
    const std::int64_t total = p_.padded_rows(block.rows.count);
    bool holes = false;
    for (; steps.begin < total; steps.begin += steps.count) {
        steps.count = std::min(kRowsAlong, total - steps.begin);
        holes |= load_steps(block, steps, work);
        step_down(pair.column, steps, work);
        if (steps.first_result() == steps.end_result()) continue;
        sum_rows(block, pair, steps, work);
    }
    return holes;
}

/// The rows that come, and those that go, as the block reads them.
bool TwoLines::load_steps(const Block& block, const Steps& steps, const Work& work) const {
    const std::int64_t line = aligned(line_floats());
    const std::int64_t channel = block.k / p_.group_kernels();
    const bool counts = block.reading == Reading::holes;
    const auto load = [&](std::int64_t row, float* to) {
        pad_row(block.src, p_.border, channel, row, 0, p_.W, to);
        const bool finite = all_finite(to, line_floats());
        if (counts || !finite) {
            std::transform(to, to + line_floats(), to, [=](float x) {
                if (counts) return std::isfinite(x) ? 0.0F : 1.0F;
                return std::isfinite(x) ? x : 0.0F;
            });
        }
        return !finite;
    };
    bool holes = false;
    for (std::int64_t i = 0; i < steps.count; ++i) {
        const std::int64_t row = steps.first_row + steps.begin + i;
        holes |= load(row, work.entering + i * line);
        if (steps.begin + i >= p_.R) load(row - p_.R, work.leaving + i * line);
    }
    return holes;
}

void TwoLines::step_down(const RunningLine& column, const Steps& steps, const Work& work) const {
    const std::int64_t line = aligned(line_floats());
    for (std::int64_t x = 0; x < line_floats(); x += kColumnsAtOnce) {
        const std::int64_t columns = std::min(kColumnsAtOnce, line_floats() - x);
        float* result = work.results + x;
        for (std::int64_t i = 0; i < steps.count; ++i) {
            const bool full = steps.begin + i >= p_.R;
            float* out = steps.ends_window(i) ? result : nullptr;
            slide_down(column,
                       {work.entering + i * line + x, full ? work.leaving + i * line + x : nullptr},
                       {work.state + x, line, columns}, out);
            if (out) result += line;
        }
    }
}

/// The column sums on their side, and the sums along them into the result.
void TwoLines::sum_rows(const Block& block, const LinePair& pair, const Steps& steps,
                        const Work& work) const {
    turn_rows(work.results, aligned(line_floats()), line_floats(), work.turned);
    for (std::int64_t n = 0; n < p_.N; ++n) {
        std::fill_n(work.turned + (line_floats() + n) * kRowsAlong, kRowsAlong,
                    constant_sum(block, pair, n));
        slide_along(pair.row,
                    {.lines = work.turned + n * kRowsAlong,
                     .places = places_.data(),
                     .outputs = p_.Q(),
                     .stride = p_.stride_w,
                     .out_step = p_.N * kRowsAlong},
                    work.along + n * kRowsAlong);
    }
    const std::int64_t first = steps.first_result(), count = steps.end_result() - first;
    float* rows = &block.dst(0, block.k, first, 0);
    if (block.reading == Reading::samples) {
        turn_back(work.along, bias_[static_cast<std::size_t>(block.k)],
                  {rows, block.dst.strides.H, p_.Q() * p_.N, count});
    } else {
        mark_holes(work.along, count, rows, block.dst.strides.H);
    }
}

/// What a column of the border's constants gives.
float TwoLines::constant_sum(const Block& block, const LinePair& pair, std::int64_t n) const {
    if (block.reading == Reading::holes) return 0;
    const std::int64_t channel = block.k / p_.group_kernels();
    return static_cast<float>(double{constant_value(p_.border, block.src, n, channel)} *
                              pair.column_sum);
}

/// Results whose windows hold NaN or Inf are none either.
void TwoLines::mark_holes(const float* along, std::int64_t count, float* rows,
                          std::int64_t row_step) const {
    for (std::int64_t t = 0; t < count; ++t) {
        for (std::int64_t x = 0; x < p_.Q() * p_.N; ++x) {
            if (along[x * kRowsAlong + t] > 0.5F)
                rows[t * row_step + x] = std::numeric_limits<float>::quiet_NaN();
        }
    }
}

}  // namespace conv
