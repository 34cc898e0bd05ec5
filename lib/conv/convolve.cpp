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

BlockLoop::BlockLoop(const Plan& plan, const Problem& problem, int threads)
    : plan_(plan), problem_(problem), threads_(threads) {}

void BlockLoop::for_each_share(const Source& src, const Demand& demand, const Body& body) {
    const std::int64_t P = problem_.P();
    const std::int64_t blocks_each = ceil_div(P, plan_.block_rows);
    const int workers = busy_threads(plan_.memory(), problem_, demand);
    const std::int64_t blocks = demand.pictures * blocks_each;
    const std::int64_t shares = std::max<std::int64_t>(workers / blocks, 1);
    if (workspaces_.size() < static_cast<std::size_t>(workers)) {
        workspaces_.resize(static_cast<std::size_t>(workers));
    }
    parallel_for(blocks * shares, workers, [&](std::int64_t index, int worker) {
        auto& workspace = workspaces_[static_cast<std::size_t>(worker)];
        if (workspace.size() < plan_.workspace_bytes) {
            workspace = AlignedBuffer<std::byte>(plan_.workspace_bytes);
        }
        const std::int64_t block = index / shares;
        const std::int64_t picture = block / blocks_each;
        const std::int64_t first = block % blocks_each * plan_.block_rows;
        body({src.batch(picture * problem_.N, problem_.N),
              picture,
              {first, std::min(plan_.block_rows, P - first)},
              worker,
              reinterpret_cast<float*>(workspace.data())},
             {index % shares, shares});
    });
}

void BlockLoop::for_each(const Source& src, const std::function<void(const Block&)>& body) {
    for_each_share(src, {src.shape.N / problem_.N, threads_, SumsPlace::block},
                   [&](const Block& block, const MapShare&) { body(block); });
}

void BlockLoop::run(const Source& src, const Destination& destination) {
    for_each_share(src, {src.shape.N / problem_.N, threads_, SumsPlace::result},
                   [&](const Block& b, const MapShare& share) {
                       const TensorView<float> dst = destination(b.picture, b.rows);
                       if (share.count == 1) return plan_.run(b.src, b.rows, dst, b.workspace);
                       plan_.run_share(share, b.src, b.rows, dst, b.workspace);
                   });
}

Choice convolve(const Device& device, const std::string& method, Problem problem, const Source& src,
                const Weights& weights, TensorView<float> dst, const Limits& limits) {
    validate_operands(problem, src, weights, dst);
    problem.facts.samples = src.type;
    const bool together =
        interleaved_batch(src.shape, src.strides) && interleaved_batch(dst.shape, dst.strides);
    if (!together && (dst.strides.W != 1 || src.alpha_weighted)) {
        fail(ErrorKind::usage, "the samples of a result's row must be contiguous");
    }
    const Problem each = problem.written_for_good().with_batch(together ? problem.N : 1);
    Limits shared = limits;
    shared.pictures = problem.N / each.N;
    Choice choice = choose_method(device, method, each, weights, shared);
    const Plan plan = std::exchange(choice.offer.prepare, nullptr)();
    assert(keeps_memory(plan, choice.offer.memory));
    BlockLoop(plan, each, fitting_threads(plan.memory(), each, shared))
        .run(src, [&](std::int64_t picture, RowRange rows) {
            return dst.batch(picture * each.N, each.N).rows(rows.first, rows.count);
        });
    return choice;
}

}  // namespace conv
