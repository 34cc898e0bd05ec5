#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "base/aligned_buffer.hpp"
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

/// Runs a plan block by block, plan.block_rows output rows at once, on several threads. Their
/// scratch is made when it is first used and stays for the next pictures.
class BlockLoop {
public:
    /// `threads`: 0 = all cores. The plan and the problem must outlive this.
    BlockLoop(const Plan& plan, const Problem& problem, int threads);

    /// Calls body for all output rows of all pictures of `src`, pictures x problem.N of them. Each
    /// call has a worker's number and workspace to itself.
    void for_each(const Source& src, const std::function<void(const Block&)>& body);
    /// Computes all blocks, each into what `destination` gives for it, before it runs and maybe
    /// more than once: where there are fewer blocks than threads, these share the maps of a block,
    /// if the plan can.
    using Destination = std::function<TensorView<float>(std::int64_t picture, RowRange rows)>;
    void run(const Source& src, const Destination& destination);

private:
    using Body = std::function<void(const Block&, const MapShare&)>;
    void for_each_share(const Source& src, const Demand& demand, const Body& body);

    const Plan& plan_;
    const Problem& problem_;
    int threads_;
    std::vector<AlignedBuffer<std::byte>> workspaces_;
};

/// dst = convolution of src with weights plus bias (the formula at Problem), by the method called
/// `method` of `device` or "auto". src is N x C x H x W of any type and strides, dst N x K x P x Q;
/// they must not overlap. Pictures that are interleaved sample by sample in both are computed
/// together, others one by one, and then dst.strides.W must be 1. Throws what validate and
/// choose_method throw. The result does not depend on limits.threads.
Choice convolve(const Device& device, const std::string& method, Problem problem, const Source& src,
                const Weights& weights, TensorView<float> dst, const Limits& limits = {});

}  // namespace conv
