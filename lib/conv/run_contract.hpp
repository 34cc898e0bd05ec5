#pragma once

#include <cstdint>

#include "conv/method.hpp"
#include "tensor/rows.hpp"
#include "tensor/source.hpp"
#include "tensor/view.hpp"

namespace conv {

/// Whether the operands of one Plan::run() are what its contract says: src there with N x C x H x W
/// samples; `rows` within 0..P and not empty; dst there with N x K x rows.count x Q results,
/// aligned to T, each row's contiguous (strides.W = N, and strides.N = 1 where N > 1). For
/// assertions where validation ends: every method's run() begins with one.
template <typename T>
bool run_operands_fit(const Problem& problem, const Source& src, RowRange rows,
                      const TensorView<T>& dst);

extern template bool run_operands_fit(const Problem&, const Source&, RowRange,
                                      const TensorView<float>&);
extern template bool run_operands_fit(const Problem&, const Source&, RowRange,
                                      const TensorView<std::uint8_t>&);

/// Whether a plan takes no more than its offer has promised; a device may cut smaller blocks.
bool keeps_memory(const Plan& plan, const Memory& promised);

/// Whether the scratch of one Plan::run() is there and aligned to kBufferAlignment.
bool workspace_fits(const void* workspace);

}  // namespace conv
