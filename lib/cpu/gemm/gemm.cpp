#include "cpu/gemm/gemm.hpp"

#include "cpu/gemm/plane_lowering.hpp"
#include "cpu/gemm/row_lowering.hpp"
#include "cpu/tile/pointwise.hpp"
#include "gemm/shifted_products.hpp"

namespace conv {
namespace {

/// One form of the lowering.
struct Form {
    double (*seconds)(const Problem&);
    std::int64_t (*workspace_bytes)(const Problem&);
    std::int64_t (*kept_bytes)(const Problem&);
    Plan (*prepare)(const Problem&, const Weights&);
};

double pointwise_seconds(const Problem& p) {
    return static_cast<double>(p.groups) *
           sum_products_seconds(1, p.group_kernels(), p.P() * p.Q() * p.N, p.group_channels());
}

std::int64_t weight_bytes(const Problem& p) {
    return p.weight_count() * static_cast<std::int64_t>(sizeof(float));
}

constexpr Form kPointwise = {pointwise_seconds, pointwise_workspace_bytes, weight_bytes,
                             prepare_pointwise};
constexpr Form kRows = {row_lowering_seconds, row_lowering_workspace_bytes, row_lowering_kept_bytes,
                        prepare_row_lowering};
constexpr Form kPlanes = {plane_lowering_seconds, plane_lowering_workspace_bytes,
                          plane_lowering_kept_bytes, prepare_plane_lowering};

/// The cheapest form. Only row lowering can leave out the zeros that would spread NaN and Inf.
const Form& choose_form(const Problem& p) {
    if (p.pointwise()) return kPointwise;
    if (!p.finite) return kRows;
    return row_lowering_seconds(p) <= plane_lowering_seconds(p) ? kRows : kPlanes;
}

Plan prepare(const Problem& p, const Weights& weights) {
    const Form& form = choose_form(p);
    Plan plan = form.prepare(p, weights);
    plan.kept_bytes = form.kept_bytes(p);
    return plan;
}

}  // namespace

Method gemm_method() {
    return {
        .name = "gemm",
        .summary = "sgemm on the picture as it lies, the kernel as a small Toeplitz block",
        .rejects = [](const Problem&, const Weights&) { return std::string(); },
        .cost = [](const Problem& p, const Weights&) { return choose_form(p).seconds(p); },
        .error_factor = [](const Problem&, const Weights&) { return 1.0; },
        .workspace_bytes = [](const Problem& p,
                              const Weights&) { return choose_form(p).workspace_bytes(p); },
        .kept_bytes = [](const Problem& p, const Weights&) { return choose_form(p).kept_bytes(p); },
        .prepare = prepare};
}

}  // namespace conv
