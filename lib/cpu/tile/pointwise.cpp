#include "cpu/tile/pointwise.hpp"

#include <algorithm>
#include <cassert>
#include <optional>

#include "base/size.hpp"
#include "conv/run_contract.hpp"
#include "cpu/tile/bias.hpp"
#include "cpu/tile/cache.hpp"
#include "gemm/sgemm.hpp"

namespace conv {
namespace {

// The converted block is still in the cache when sgemm reads it.
constexpr std::int64_t kBlockFloats = kL2Floats / 2;

std::int64_t block_rows(const Problem& p) {
    const std::int64_t row = p.group_channels() * p.W * p.N;
    return std::clamp<std::int64_t>(kBlockFloats / row, 1, p.H);
}

/// The rows of one group as a C/G x (rows*W*N) matrix, where they already are one in memory.
std::optional<MatrixView<const float>> matrix_in_place(const Problem& p, const Source& src,
                                                       std::int64_t group, RowRange rows) {
    const auto floats = src.floats();
    if (!floats) return std::nullopt;
    const Strides& strides = floats->strides;
    const std::int64_t channels = p.group_channels();
    const std::int64_t columns = rows.count * p.W * p.N;
    const float* first = floats->data + group * channels * strides.C + rows.first * strides.H;
    const bool rows_touch = rows.count == 1 || strides.H == p.W * strides.W;
    if (interleaved_batch(floats->shape, strides) && rows_touch &&
        (channels == 1 || (strides.C >= columns && strides.C <= kSgemmMaxSize))) {
        return MatrixView<const float>{first, channels, columns, strides.C, 1};
    }
    if (p.N == 1 && strides.C == 1 && strides.W >= channels && rows_touch) {
        return MatrixView<const float>{first, channels, columns, 1, strides.W};
    }
    return std::nullopt;
}

MatrixView<const float> converted(const Problem& p, const Source& src, std::int64_t group,
                                  RowRange rows, float* workspace) {
    const std::int64_t row = p.W * p.N;
    const std::int64_t channels = p.group_channels();
    for (std::int64_t c = 0; c < channels; ++c) {
        for (std::int64_t h = 0; h < rows.count; ++h) {
            src.read_row(group * channels + c, rows.first + h, 0, p.W,
                         workspace + (c * rows.count + h) * row);
        }
    }
    return {workspace, channels, rows.count * row, rows.count * row, 1};
}

/// dst's maps of one group += or = a * columns, one product where dst's rows touch.
void multiply(MatrixView<const float> a, MatrixView<const float> columns, TensorView<float> dst,
              std::int64_t first_map) {
    const std::int64_t row = dst.shape.W * dst.shape.N;
    const bool rows_touch = dst.shape.H == 1 || dst.strides.H == row;
    const bool maps_apart = a.rows == 1 || dst.strides.C >= columns.columns;
    const std::int64_t rows_each = rows_touch && maps_apart ? dst.shape.H : 1;
    for (std::int64_t h = 0; h < dst.shape.H; h += rows_each) {
        MatrixView<const float> part = columns;
        part.data += h * row * columns.column_stride;
        part.columns = rows_each * row;
        sgemm(a, part, 0.0F, {&dst(0, first_map, h, 0), a.rows, part.columns, dst.strides.C, 1});
    }
}

std::int64_t workspace_bytes(const Problem& p) {
    return checked_product({p.group_channels(), block_rows(p), p.W, p.N, sizeof(float)},
                           "the workspace of a 1x1 kernel");
}

Plan prepare(const Problem& problem, const Weights& weights) {
    Plan plan;
    plan.workspace_bytes = workspace_bytes(problem);
    plan.kept_bytes = problem.weight_bytes();
    plan.block_rows = block_rows(problem);
    plan.run = [problem, values = std::vector<float>(weights.values.begin(), weights.values.end()),
                bias = std::vector<float>(weights.bias.begin(), weights.bias.end())](
                   const Source& src, RowRange rows, TensorView<float> dst, float* workspace) {
        assert(run_operands_fit(problem, src, rows, dst) && workspace_fits(workspace));
        assert(rows.count <= block_rows(problem));
        const std::int64_t maps = problem.group_kernels();
        const std::int64_t channels = problem.group_channels();
        for (std::int64_t g = 0; g < problem.groups; ++g) {
            const auto in_place = matrix_in_place(problem, src, g, rows);
            const auto columns = in_place ? *in_place : converted(problem, src, g, rows, workspace);
            multiply({values.data() + g * maps * channels, maps, channels, channels, 1}, columns,
                     dst, g * maps);
        }
        add_bias(bias, dst);
    };
    return plan;
}

}  // namespace

Offer pointwise_offer(const Problem& p, const Weights& weights, double seconds) {
    return {.seconds = seconds,
            .memory = {p.weight_bytes(), workspace_bytes(p), block_rows(p)},
            .prepare = [p, weights] { return prepare(p, weights); }};
}

}  // namespace conv
