#include "cpu/im2col.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

#include "base/error.hpp"
#include "base/size.hpp"
#include "conv/run_contract.hpp"
#include "cpu/tile/bias.hpp"
#include "cpu/tile/pointwise.hpp"
#include "gemm/sgemm.hpp"

namespace conv {
namespace {

std::int64_t window_size(const Problem& p) {
    return p.group_channels() * p.R * p.S;
}

std::int64_t workspace_bytes(const Problem& p) {
    const std::int64_t columns =
        checked_product({window_size(p), p.P(), p.Q(), kFloatBytes}, "the column matrix");
    // Interleaved pictures cannot be written by sgemm itself: their result waits beside the
    // columns.
    const std::int64_t result =
        p.N > 1 ? checked_product({p.group_kernels(), p.P(), p.Q(), kFloatBytes}, "the result") : 0;
    return columns + result + p.padded_width() * p.N * kFloatBytes;
}

struct Buffers {
    float* columns;  ///< C/G*R*S x P*Q
    float* result;   ///< K/G x P*Q where N > 1
    float* row;      ///< one padded row, pictures interleaved

    Buffers(const Problem& p, float* workspace)
        : columns(workspace),
          result(columns + window_size(p) * p.P() * p.Q()),
          row(result + (p.N > 1 ? p.group_kernels() * p.P() * p.Q() : 0)) {}
};

/// Copies the samples of one padded row that kernel row r needs into its S lines of the matrix.
void scatter_row(const Problem& p, const float* row, float* lines) {
    const std::int64_t P = p.P(), Q = p.Q();
    for (std::int64_t s = 0; s < p.S; ++s) {
        const float* from = row + s * p.dilation_w * p.N;
        float* to = lines + s * P * Q;
        const std::int64_t step = p.stride_w * p.N;
        if (step == 1) {
            std::memcpy(to, from, static_cast<std::size_t>(Q) * sizeof(float));
        } else {
            for (std::int64_t q = 0; q < Q; ++q) to[q] = from[q * step];
        }
    }
}

/// A group of one picture of a batch.
struct Part {
    std::int64_t n, group;
};

/// Unrolls channel c of a group into its R*S lines of the column matrix.
void lower_channel(const Problem& p, const Source& src, const Part& part, std::int64_t c,
                   const Buffers& buffers) {
    const std::int64_t channel = part.group * p.group_channels() + c;
    float* row = buffers.row;
    float* lines = buffers.columns + c * p.R * p.S * p.P() * p.Q();
    const std::int64_t P = p.P(), Q = p.Q();
    for (std::int64_t h = 0; h < p.padded_rows(P); ++h) {
        pad_row(src, p.border, channel, h - p.padding.top, -p.padding.left, p.padded_width(), row);
        for (std::int64_t r = 0; r < p.R; ++r) {
            const std::int64_t distance = h - r * p.dilation_h;
            if (distance < 0 || distance % p.stride_h != 0) continue;
            const std::int64_t out_row = distance / p.stride_h;
            if (out_row < P) scatter_row(p, row + part.n, lines + r * p.S * P * Q + out_row * Q);
        }
    }
}

/// The maps of a group.
void copy_interleaved(const float* result, const Part& part, std::int64_t maps,
                      TensorView<float> dst) {
    for (std::int64_t k = part.group * maps; k < (part.group + 1) * maps; ++k) {
        for (std::int64_t h = 0; h < dst.shape.H; ++h) {
            float* to = &dst(part.n, k, h, 0);
            for (std::int64_t w = 0; w < dst.shape.W; ++w) to[w * dst.strides.W] = *result++;
        }
    }
}

/// Terms of a float32 sum that are added in one go. What n terms in p parts may be off,
/// (n / p + p) * 2^-24 of sum |w||x|, stays within the local error up to 5120 terms, and is the
/// least there is beyond (docs/numerics.md).
std::int64_t terms_together(std::int64_t terms) {
    constexpr std::int64_t kMostParts = 40, kMostTogether = 128;
    if (terms <= kMostParts * kMostTogether) return kMostTogether;
    return static_cast<std::int64_t>(std::sqrt(static_cast<double>(terms)));
}

/// to = a * columns from `at` on, the sums in parts.
void multiply_parts(MatrixView<const float> a, const float* columns, std::int64_t PQ,
                    MatrixView<float> to) {
    const std::int64_t each = terms_together(a.columns);
    for (std::int64_t first = 0; first < a.columns; first += each) {
        const std::int64_t k = std::min(each, a.columns - first);
        sgemm({a.data + first, a.rows, k, a.row_stride, 1},
              {columns + first * PQ, k, to.columns, PQ, 1}, first == 0 ? 0.0F : 1.0F, to);
    }
}

/// The product: straight into dst where its rows touch, else row by row.
void multiply(const Problem& p, const float* weights, const Part& part, const Buffers& buffers,
              TensorView<float> dst) {
    const std::int64_t m = p.group_kernels(), k = window_size(p), PQ = p.P() * p.Q();
    const MatrixView<const float> a{weights + part.group * m * k, m, k, k, 1};
    if (p.N > 1) {
        multiply_parts(a, buffers.columns, PQ, {buffers.result, m, PQ, PQ, 1});
        copy_interleaved(buffers.result, part, m, dst);
        return;
    }
    const bool whole = dst.strides.H == p.Q() && (m == 1 || dst.strides.C >= PQ);
    const std::int64_t columns = whole ? PQ : p.Q();
    for (std::int64_t h = 0, at = 0; at < PQ; ++h, at += columns) {
        multiply_parts(a, buffers.columns + at, PQ,
                       {&dst(0, part.group * m, h, 0), m, columns, dst.strides.C, 1});
    }
}

Plan prepare_im2col(const Problem& problem, const Weights& weights) {
    Plan plan;
    plan.workspace_bytes = workspace_bytes(problem);
    plan.kept_bytes = problem.weight_bytes();
    plan.block_rows = problem.P();
    plan.run = [problem, values = std::vector<float>(weights.values.begin(), weights.values.end()),
                bias = std::vector<float>(weights.bias.begin(), weights.bias.end())](
                   const Source& src, [[maybe_unused]] RowRange rows, TensorView<float> dst,
                   float* workspace) {
        assert(run_operands_fit(problem, src, rows, dst) && workspace_fits(workspace));
        assert(rows.count == problem.P());
        const Buffers buffers(problem, workspace);
        for (std::int64_t n = 0; n < problem.N; ++n) {
            for (std::int64_t g = 0; g < problem.groups; ++g) {
                for (std::int64_t c = 0; c < problem.group_channels(); ++c)
                    lower_channel(problem, src, {n, g}, c, buffers);
                multiply(problem, values.data(), {n, g}, buffers, dst);
            }
        }
        add_bias(bias, dst);
    };
    return plan;
}

double seconds(const Problem& p, const MachineProfile& profile) {
    const double entries = p.pointwise() ? 0 : p.macs() / static_cast<double>(p.group_kernels());
    return entries * profile[Step::column_entry] + p.macs() * profile[Step::column_product];
}

Offer im2col_offer(const Problem& p, const Weights& weights, const MachineProfile& profile) {
    if (p.pointwise()) return pointwise_offer(p, weights, seconds(p, profile));
    if (p.P() * p.Q() > kSgemmMaxSize) {
        return refuse(fmt::format("the column matrix has {} x {} columns, OpenBLAS counts up to {}",
                                  p.P(), p.Q(), kSgemmMaxSize));
    }
    return {.seconds = seconds(p, profile),
            .memory = {p.weight_bytes(), workspace_bytes(p), p.P()},
            .prepare = [p, weights] { return prepare_im2col(p, weights); }};
}

}  // namespace

Method im2col_method(const MachineProfile& profile) {
    return {.name = "im2col",
            .summary = "the whole picture unrolled into the column matrix, then one sgemm",
            .offer = [profile](const Problem& p, const Weights& weights) {
                return im2col_offer(p, weights, profile);
            }};
}

}  // namespace conv
