#pragma once

#include <functional>

#include "conv/planner.hpp"

namespace conv {

/// One piece of work: rows of one picture, or of problem.N interleaved ones, on one thread.
struct Block {
    const Source& src;
    std::int64_t picture;  ///< number of the piece's pictures among all of the source
    RowRange rows;
    int worker;
    float* workspace;
};
/// Calls body for all output rows of all pictures of `src`, plan.block_rows at once. Blocks run on
/// several threads, each with its own worker number and workspace.
void for_each_block(const Plan& plan, const Problem& problem, const Source& src, int threads,
                    const std::function<void(const Block&)>& body);

/// Runs a plan over all output rows: blocks of plan.block_rows, each on one thread with its own
/// workspace. `destination(picture, rows, worker)` says where the rows of a block go, before it
/// runs; `finished(picture, rows, worker)` is called after it, on the same thread. `src` has
/// pictures x problem.N pictures; each run() gets problem.N of them.
struct BlockRunner {
    std::function<TensorView<float>(std::int64_t picture, RowRange rows, int worker)> destination;
    std::function<void(std::int64_t picture, RowRange rows, int worker)> finished;
};
void run_blocks(const Plan& plan, const Problem& problem, const Source& src, int threads,
                const BlockRunner& blocks);

/// dst = convolution of src with weights plus bias (the formula at Problem), by the method called
/// `method` of `device` or "auto". src is N x C x H x W of any type and strides, dst N x K x P x Q;
/// they must not overlap. Pictures that are interleaved sample by sample in both are computed
/// together, others one by one, and then dst.strides.W must be 1. Throws what validate and
/// choose_method throw. The result does not depend on limits.threads.
Choice convolve(const Device& device, const std::string& method, Problem problem, const Source& src,
                const Weights& weights, TensorView<float> dst, const Limits& limits = {});

}  // namespace conv
