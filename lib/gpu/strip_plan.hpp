#pragma once

#include <memory>
#include <optional>

#include "gpu/strip.hpp"

namespace conv::gpu {

/// How many results 8 bits could not hold, as devices count them.
struct StripLost {
    std::int32_t below, above;
};

/// One strip on its way through a device: host memory that the device reads and writes itself, the
/// device's buffers and an in-order queue of commands. Used by one thread at a time.
class StripSlot {
public:
    virtual ~StripSlot() = default;
    /// Host memory of StripLayout::size() samples of up to 4 bytes, not read after wait().
    virtual void* input() = 0;
    /// Host memory of the results in the type that start() was given, as StripWork::results or
    /// byte_layout() say, valid after wait(); after 8-bit ones follows a StripLost.
    virtual const void* results() const = 0;
    /// Queues upload, compute and download of a strip's output rows and returns. Samples go up as
    /// `type`; results come down as `result`, f32 or u8.
    virtual void start(const StripRows& rows, SampleType type, SampleType result) = 0;
    /// Waits for what start() queued. Throws Error{device} when it failed.
    virtual DeviceTimes wait() = 0;
};

/// How a method computes strips of one height on one device.
struct StripWork {
    StripLayout input;
    ResultLayout results;
    bool float_only = false;  ///< takes no 8- and 16-bit samples
    /// Throws Error{memory} when the device or the host lacks memory for one more.
    std::function<std::unique_ptr<StripSlot>()> make_slot;
    /// Where 8-bit results lie, if not as `results` says.
    std::optional<ResultLayout> bytes = {};
    /// Makes what comes down as floats the plan's results; empty: it is them, as `results` says.
    std::function<void(const float* from, TensorView<float> dst)> store = nullptr;

    const ResultLayout& byte_layout() const { return bytes ? *bytes : results; }
};

/// The plan that cuts pictures into strips and keeps several in flight, so that padding, upload,
/// compute and download overlap. `make(rows)` prepares strips of `rows` output rows; where the
/// device lacks memory for them, smaller strips are tried, in multiples of `unit` rows, until the
/// smallest fails too, with its Error{memory}.
Plan strip_plan(const Problem& problem, std::int64_t rows, std::int64_t unit,
                const std::function<StripWork(std::int64_t rows)>& make);

/// Output rows beyond which device kernels run out of work-groups; a strip of one `unit` may not
/// have more.
inline constexpr std::int64_t kMostRows = 32768;

/// Output rows of a strip whose input, results and `scratch_per_row` bytes stay near `bytes`: a
/// multiple of `unit`, no more than the picture needs or kMostRows.
std::int64_t strip_rows(const Problem& problem, std::int64_t scratch_per_row, std::int64_t unit,
                        std::int64_t bytes);

/// What such a plan takes: host memory of the strips in flight, whatever the number of threads.
Memory strip_memory(const Problem& problem, std::int64_t rows);

}  // namespace conv::gpu
