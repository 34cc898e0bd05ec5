#pragma once

#include "conv/machine_profile.hpp"
#include "gemm/shifted_products.hpp"

namespace conv {

/// Predicted seconds of sum_products on one thread.
inline double product_seconds(const ProductWork& work, const MachineProfile& profile) {
    return work.products * profile[Step::sgemm_product] + work.lines * profile[Step::sgemm_line] +
           work.results * profile[Step::sgemm_result] + work.calls * profile[Step::sgemm_call];
}

}  // namespace conv
