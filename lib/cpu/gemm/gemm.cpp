#include "cpu/gemm/gemm.hpp"

#include "cpu/gemm/plane_lowering.hpp"
#include "cpu/gemm/row_lowering.hpp"
#include "cpu/tile/pointwise.hpp"
#include "gemm/shifted_products.hpp"

namespace conv {
namespace {

double pointwise_seconds(const Problem& p) {
    return static_cast<double>(p.groups) *
           sum_products_seconds(1, p.group_kernels(), p.P() * p.Q() * p.N, p.group_channels());
}

/// That of the cheaper form.
Offer offer(const Problem& p, const Weights& weights) {
    if (p.pointwise()) return pointwise_offer(p, weights, pointwise_seconds(p));
    Offer rows = row_lowering_offer(p, weights);
    Offer planes = plane_lowering_offer(p, weights);
    return rows.seconds <= planes.seconds ? rows : planes;
}

}  // namespace

Method gemm_method() {
    return {.name = "gemm",
            .summary = "sgemm on the picture as it lies, the kernel as a small Toeplitz block",
            .offer = offer};
}

}  // namespace conv
