#include "cpu/gemm/gemm.hpp"

#include "cpu/gemm/plane_lowering.hpp"
#include "cpu/gemm/product_seconds.hpp"
#include "cpu/gemm/row_lowering.hpp"
#include "cpu/tile/pointwise.hpp"
#include "gemm/shifted_products.hpp"

namespace conv {
namespace {

double pointwise_seconds(const Problem& p, const MachineProfile& profile) {
    return product_seconds(
        sum_products_work(p.groups, p.group_kernels(), p.P() * p.Q() * p.N, p.group_channels()),
        profile);
}

/// That of the cheaper form.
Offer offer(const Problem& p, const Weights& weights, const MachineProfile& profile) {
    if (p.pointwise()) return pointwise_offer(p, weights, pointwise_seconds(p, profile));
    Offer rows = row_lowering_offer(p, weights, profile);
    Offer planes = plane_lowering_offer(p, weights, profile);
    return rows.seconds <= planes.seconds ? rows : planes;
}

}  // namespace

Method gemm_method(const MachineProfile& profile) {
    return {.name = "gemm",
            .summary = "sgemm on the picture as it lies, the kernel as a small Toeplitz block",
            .offer = [profile](const Problem& p, const Weights& weights) {
                return offer(p, weights, profile);
            }};
}

}  // namespace conv
