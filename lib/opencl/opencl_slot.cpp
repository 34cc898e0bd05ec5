#include "opencl/opencl_slot.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/size.hpp"

namespace conv {
namespace {

/// Host memory that the driver allocated, so that it can be transferred without a copy.
class MappedMemory {
public:
    MappedMemory(OpenclDevice& device, cl::CommandQueue queue, std::int64_t bytes)
        : queue_(std::move(queue)),
          buffer_(device.make_buffer(bytes, CL_MEM_ALLOC_HOST_PTR)),
          data_(queue_.enqueueMapBuffer(buffer_, CL_TRUE, CL_MAP_READ | CL_MAP_WRITE, 0,
                                        static_cast<std::size_t>(bytes))) {}
    MappedMemory(const MappedMemory&) = delete;
    MappedMemory& operator=(const MappedMemory&) = delete;
    ~MappedMemory() {
        // Fails only when the device is lost, and then there is nothing to give back.
        try {
            queue_.enqueueUnmapMemObject(buffer_, data_);
            queue_.finish();
        } catch (const cl::Error&) {
            data_ = nullptr;
        }
    }
    void* data() const { return data_; }

private:
    cl::CommandQueue queue_;
    cl::Buffer buffer_;
    void* data_;
};

/// A buffer that the device has really allocated: many drivers do so at the first use.
cl::Buffer touched_buffer(OpenclDevice& device, cl::CommandQueue& queue, std::int64_t bytes) {
    cl::Buffer buffer = device.make_buffer(bytes, CL_MEM_READ_WRITE);
    queue.enqueueFillBuffer(buffer, cl_int{0}, 0, static_cast<std::size_t>(bytes));
    queue.finish();
    return buffer;
}

double seconds(const cl::Event& from, cl_profiling_info start, const cl::Event& to,
               cl_profiling_info end) {
    cl_ulong first = 0, last = 0;
    from.getProfilingInfo(start, &first);
    to.getProfilingInfo(end, &last);
    return last > first ? static_cast<double>(last - first) * 1e-9 : 0;
}

class OpenclSlot : public gpu::StripSlot {
public:
    OpenclSlot(std::shared_ptr<OpenclDevice> device, const gpu::StripLayout& input,
               const gpu::ResultLayout& results, OpenclMethod method)
        : device_(std::move(device)),
          method_(std::move(method)),
          layout_(input),
          result_bytes_(results.size * kFloatBytes),
          lost_at_(method_.bytes->size),
          queue_(device_->make_queue()),
          host_input_(*device_, queue_, input.size() * kFloatBytes),
          host_results_(*device_, queue_, result_bytes_),
          input_(touched_buffer(*device_, queue_, input.size() * kFloatBytes)),
          results_(touched_buffer(*device_, queue_, result_bytes_)),
          bytes_(touched_buffer(*device_, queue_, lost_at_ + kLostBytes)),
          scratch_(touched_buffer(*device_, queue_, std::max(method_.scratch_bytes, kFloatBytes))) {
    }
    ~OpenclSlot() override {
        // Nothing may still write to the host's memory when it goes.
        try {
            queue_.finish();
        } catch (const cl::Error&) {
            failed_ = true;
        }
    }

    void* input() override { return host_input_.data(); }
    const void* results() const override { return host_results_.data(); }

    void start(const gpu::StripRows& rows, SampleType type, SampleType result) override {
        with_opencl(*device_, "running a strip", [&] {
            const auto bytes = static_cast<std::size_t>(layout_.size()) * sample_bytes(type);
            queue_.enqueueWriteBuffer(input_, CL_FALSE, 0, bytes, host_input_.data(), nullptr,
                                      &uploaded_);
            const OpenclStage stage{queue_,     input_, results_,   scratch_,
                                    rows.count, type,   rows.finite};
            method_.compute(stage);
            const bool as_bytes = result == SampleType::u8;
            if (as_bytes) queue_bytes(stage);
            const std::int64_t down = as_bytes ? lost_at_ + kLostBytes : result_bytes_;
            queue_.enqueueReadBuffer(as_bytes ? bytes_ : results_, CL_FALSE, 0,
                                     static_cast<std::size_t>(down), host_results_.data(), nullptr,
                                     &downloaded_);
            queue_.flush();
        });
    }

    DeviceTimes wait() override {
        return with_opencl(*device_, "waiting for a strip", [&]() -> DeviceTimes {
            downloaded_.wait();
            // The queue is in order: compute is what lies between the transfers.
            return {
                seconds(uploaded_, CL_PROFILING_COMMAND_START, uploaded_, CL_PROFILING_COMMAND_END),
                seconds(uploaded_, CL_PROFILING_COMMAND_END, downloaded_,
                        CL_PROFILING_COMMAND_START),
                seconds(downloaded_, CL_PROFILING_COMMAND_START, downloaded_,
                        CL_PROFILING_COMMAND_END)};
        });
    }

private:
    static constexpr std::int64_t kLostBytes = sizeof(gpu::StripLost);

    void queue_bytes(const OpenclStage& stage) {
        queue_.enqueueFillBuffer(bytes_, cl_int{0}, static_cast<std::size_t>(lost_at_), kLostBytes);
        method_.round(stage, bytes_, lost_at_);
    }

    std::shared_ptr<OpenclDevice> device_;
    OpenclMethod method_;  ///< complete
    gpu::StripLayout layout_;
    std::int64_t result_bytes_, lost_at_;
    cl::CommandQueue queue_;
    MappedMemory host_input_, host_results_;
    cl::Buffer input_, results_, bytes_, scratch_;
    cl::Event uploaded_, downloaded_;
    bool failed_ = false;
};

/// Rounds results as they lie.
OpenclRound plain_round(const std::shared_ptr<OpenclDevice>& device, const Problem& p,
                        const gpu::ResultLayout& results) {
    return [=, K = p.K, columns = static_cast<cl_int>(p.Q() * p.N)](
               const OpenclStage& stage, const cl::Buffer& bytes, std::int64_t lost_at) {
        cl::Kernel kernel = device->kernel("store_bytes");
        kernel.setArg(0, stage.results);
        kernel.setArg(1, bytes);
        kernel.setArg(2, static_cast<cl_int>(lost_at));
        kernel.setArg(3, columns);
        kernel.setArg(4, gpu::device_results(results, stage.rows));
        queue_rows(stage.queue, kernel, results.line / 4, stage.rows, K);
    };
}

}  // namespace

gpu::StripWork opencl_work(std::shared_ptr<OpenclDevice> device, const gpu::StripLayout& input,
                           const gpu::ResultLayout& results, OpenclMethod method) {
    if (!method.bytes) method.bytes = results;
    if (!method.round) method.round = plain_round(device, input.problem, results);
    return {.input = input,
            .results = results,
            .make_slot = [=]() -> std::unique_ptr<gpu::StripSlot> {
                return with_opencl(*device, "allocating a strip", [&] {
                    return std::make_unique<OpenclSlot>(device, input, results, method);
                });
            },
            .bytes = method.bytes};
}

void queue_rows(cl::CommandQueue& queue, const cl::Kernel& kernel, std::int64_t columns,
                std::int64_t rows, std::int64_t layers) {
    constexpr std::int64_t kGroup = 64;
    queue.enqueueNDRangeKernel(
        kernel, cl::NullRange,
        cl::NDRange(static_cast<std::size_t>(round_up(columns, kGroup)),
                    static_cast<std::size_t>(rows), static_cast<std::size_t>(layers)),
        cl::NDRange(kGroup, 1, 1));
}

void queue_clear(const OpenclStage& stage, const gpu::ResultLayout& results) {
    stage.queue.enqueueFillBuffer(stage.results, cl_float{0}, 0,
                                  static_cast<std::size_t>(results.size * kFloatBytes));
}

void queue_add_bias(OpenclDevice& device, const OpenclStage& stage,
                    const gpu::ResultLayout& results, const cl::Buffer& bias, std::int64_t maps) {
    cl::Kernel kernel = device.kernel("add_bias");
    kernel.setArg(0, stage.results);
    kernel.setArg(1, bias);
    kernel.setArg(2, gpu::device_results(results, stage.rows));
    queue_rows(stage.queue, kernel, results.line, stage.rows, maps);
}

std::string opencl_sample(SampleType type) {
    switch (type) {
        case SampleType::u8:
            return "uchar";
        case SampleType::u16:
            return "ushort";
        case SampleType::f32:
            break;
    }
    return "float";
}

}  // namespace conv
