#include "conv/convolve.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/aligned_buffer.hpp"
#include "base/error.hpp"
#include "base/parallel.hpp"
#include "conv/run_contract.hpp"

namespace conv {
namespace {

void validate_operands(const Problem& problem, const Source& src, const Weights& weights,
                       const TensorView<float>& dst) {
    validate(problem);
    if (src.shape != problem.src_shape() || dst.shape != problem.dst_shape()) {
        fail(ErrorKind::usage, "the tensors do not have the sizes of problem {}",
             format_problem(problem));
    }
    const auto bias = static_cast<std::int64_t>(weights.bias.size());
    if (static_cast<std::int64_t>(weights.values.size()) != problem.weight_count() ||
        (bias != 0 && bias != problem.K)) {
        fail(ErrorKind::usage, "problem {} takes {} weights and {} or no biases, got {} and {}",
             format_problem(problem), problem.weight_count(), problem.K, weights.values.size(),
             bias);
    }
}

}  // namespace

void for_each_block(const Plan& plan, const Problem& problem, const Source& src, int threads,
                    const std::function<void(const Block&)>& body) {
    const std::int64_t pictures = src.shape.N / problem.N;
    const std::int64_t P = problem.P();
    const std::int64_t blocks_each = ceil_div(P, plan.block_rows);
    const int workers = busy_threads(plan.memory(), problem, pictures, threads);
    std::vector<AlignedBuffer<std::byte>> workspaces(static_cast<std::size_t>(workers));
    parallel_for(pictures * blocks_each, workers, [&](std::int64_t index, int worker) {
        auto& workspace = workspaces[static_cast<std::size_t>(worker)];
        if (workspace.size() < plan.workspace_bytes) {
            workspace = AlignedBuffer<std::byte>(plan.workspace_bytes);
        }
        const std::int64_t picture = index / blocks_each;
        const std::int64_t first = index % blocks_each * plan.block_rows;
        body({src.batch(picture * problem.N, problem.N),
              picture,
              {first, std::min(plan.block_rows, P - first)},
              worker,
              reinterpret_cast<float*>(workspace.data())});
    });
}

void run_blocks(const Plan& plan, const Problem& problem, const Source& src, int threads,
                const BlockRunner& blocks) {
    for_each_block(plan, problem, src, threads, [&](const Block& b) {
        plan.run(b.src, b.rows, blocks.destination(b.picture, b.rows, b.worker), b.workspace);
        if (blocks.finished) blocks.finished(b.picture, b.rows, b.worker);
    });
}

Choice convolve(const Device& device, const std::string& method, Problem problem, const Source& src,
                const Weights& weights, TensorView<float> dst, const Limits& limits) {
    validate_operands(problem, src, weights, dst);
    problem.samples = src.type;
    const bool together =
        interleaved_batch(src.shape, src.strides) && interleaved_batch(dst.shape, dst.strides);
    if (!together && (dst.strides.W != 1 || src.alpha_weighted)) {
        fail(ErrorKind::usage, "the samples of a result's row must be contiguous");
    }
    const Problem each = problem.with_batch(together ? problem.N : 1);
    Limits shared = limits;
    shared.pictures = problem.N / each.N;
    Choice choice = choose_method(device, method, each, weights, shared);
    const Plan plan = std::exchange(choice.offer.prepare, nullptr)();
    assert(keeps_memory(plan, choice.offer.memory));
    run_blocks(plan, each, src, fitting_threads(plan.memory(), each, shared),
               {[&](std::int64_t picture, RowRange rows, int) {
                    return dst.batch(picture * each.N, each.N).rows(rows.first, rows.count);
                },
                nullptr});
    return choice;
}

}  // namespace conv
