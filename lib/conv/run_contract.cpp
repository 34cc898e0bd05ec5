#include "conv/run_contract.hpp"

#include "base/pages.hpp"

namespace conv {

template <typename T>
bool run_operands_fit(const Problem& problem, const Source& src, RowRange rows,
                      const TensorView<T>& dst) {
    const bool source_fits = src.data != nullptr && src.shape == problem.src_shape();
    const bool rows_fit =
        rows.first >= 0 && rows.count > 0 && rows.count <= problem.P() - rows.first;
    const bool sizes_fit = dst.shape == Shape{problem.N, problem.K, rows.count, problem.Q()};
    const bool steps_fit = dst.strides.W == problem.N && (problem.N == 1 || dst.strides.N == 1);
    return source_fits && rows_fit && sizes_fit && steps_fit && is_aligned(dst.data, alignof(T));
}

template bool run_operands_fit(const Problem&, const Source&, RowRange, const TensorView<float>&);
template bool run_operands_fit(const Problem&, const Source&, RowRange,
                               const TensorView<std::uint8_t>&);

bool keeps_memory(const Plan& plan, const Memory& promised) {
    return plan.workspace_bytes <= promised.workspace && plan.kept_bytes <= promised.kept &&
           plan.block_rows <= promised.block_rows && plan.map_shares <= promised.map_shares;
}

bool workspace_fits(const void* workspace) {
    return is_aligned(workspace, kBufferAlignment);
}

}  // namespace conv
