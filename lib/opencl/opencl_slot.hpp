#pragma once

#include <memory>
#include <optional>

#include "gpu/strip_plan.hpp"
#include "opencl/opencl_device.hpp"

namespace conv {

/// What a method's commands work on: a strip uploaded to `input`, with `results` to be written.
struct OpenclStage {
    cl::CommandQueue& queue;
    const cl::Buffer &input, &results, &scratch;
    std::int64_t rows;
    SampleType type;
    bool finite;  ///< no sample is NaN or Inf
};

/// Queues a method's commands.
using OpenclCompute = std::function<void(const OpenclStage&)>;

/// Queues what makes 8-bit samples in `bytes` of a strip's results, and counts those that 8 bits
/// cannot hold in the gpu::StripLost at byte `lost_at` of them, which is zero before.
using OpenclRound =
    std::function<void(const OpenclStage&, const cl::Buffer& bytes, std::int64_t lost_at)>;

/// What a method does with a strip, and what it takes beside input and results.
struct OpenclMethod {
    OpenclCompute compute;
    std::int64_t scratch_bytes = 0;
    OpenclRound round = nullptr;                  ///< null: the results are rounded as they are
    std::optional<gpu::ResultLayout> bytes = {};  ///< of `round`; absent: as the results'
};

/// The strips of a method on this device.
gpu::StripWork opencl_work(std::shared_ptr<OpenclDevice> device, const gpu::StripLayout& input,
                           const gpu::ResultLayout& results, OpenclMethod method);

/// Queues a device kernel of columns x rows x layers work-items that guards its columns itself, in
/// work-groups of one size: some drivers compile a device kernel again for each.
void queue_rows(cl::CommandQueue& queue, const cl::Kernel& kernel, std::int64_t columns,
                std::int64_t rows, std::int64_t layers);

/// Queues what sets the results of a strip to zero, for products that only add.
void queue_clear(const OpenclStage& stage, const gpu::ResultLayout& results);

/// Queues the device kernel that adds the bias to the results of a strip.
void queue_add_bias(OpenclDevice& device, const OpenclStage& stage,
                    const gpu::ResultLayout& results, const cl::Buffer& bias, std::int64_t maps);

/// "uchar", "ushort" or "float".
std::string opencl_sample(SampleType type);

}  // namespace conv
