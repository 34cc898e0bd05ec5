#include "cuda/cuda_slot.hpp"

#include <algorithm>
#include <optional>

#include "base/error.hpp"
#include "base/size.hpp"
#include "cuda/cublas.hpp"

namespace conv {
namespace {

/// cuBLAS on one stream.
class BlasHandle {
public:
    BlasHandle(const CudaDevice& device, const CudaStream& stream) {
        device.use();
        device.check(cublas().create(&handle_), "cuBLAS");
        cublasStatus_t status = cublas().set_stream(handle_, stream.get());
        // Strict float32: no TF32, whatever the environment says.
        if (status == CUBLAS_STATUS_SUCCESS) {
            status = cublas().set_math_mode(handle_, CUBLAS_PEDANTIC_MATH);
        }
        if (status == CUBLAS_STATUS_SUCCESS) return;
        cublas().destroy(handle_);
        device.check(status, "cuBLAS");
    }
    BlasHandle(const BlasHandle&) = delete;
    BlasHandle& operator=(const BlasHandle&) = delete;
    ~BlasHandle() { cublas().destroy(handle_); }
    cublasHandle_t get() const { return handle_; }

private:
    cublasHandle_t handle_ = nullptr;
};

cuda::Sample sample_of(SampleType type) {
    switch (type) {
        case SampleType::u8:
            return cuda::Sample::u8;
        case SampleType::u16:
            return cuda::Sample::u16;
        case SampleType::f32:
            break;
    }
    return cuda::Sample::f32;
}

class CudaSlot : public gpu::StripSlot {
public:
    CudaSlot(const CudaDevice& device, const gpu::StripLayout& input,
             const gpu::ResultLayout& results, CudaMethod method)
        : device_(device),
          method_(std::move(method)),
          samples_(input.size()),
          result_bytes_(results.size * kFloatBytes),
          lost_at_(method_.bytes->size),
          host_input_(device.allocate_pinned(samples_ * kFloatBytes)),
          host_results_(device.allocate_pinned(result_bytes_)),
          input_(device.allocate(samples_ * kFloatBytes)),
          results_(device.allocate(result_bytes_)),
          bytes_(device.allocate(lost_at_ + kLostBytes)),
          scratch_(device.allocate(std::max(method_.scratch_bytes, kFloatBytes))),
          stream_(device),
          begun_(device),
          uploaded_(device),
          computed_(device),
          downloaded_(device) {
        if (method_.blas) blas_.emplace(device, stream_);
    }
    ~CudaSlot() override {
        // Nothing may still use the memory when it goes.
        cudaStreamSynchronize(stream_.get());
    }

    void* input() override { return host_input_.get(); }
    const void* results() const override { return host_results_.get(); }

    void start(const gpu::StripRows& rows, SampleType type, SampleType result) override {
        device_.use();
        const auto bytes = static_cast<std::size_t>(samples_) * sample_bytes(type);
        record(begun_);
        device_.check(cudaMemcpyAsync(input_.get(), host_input_.get(), bytes,
                                      cudaMemcpyHostToDevice, stream_.get()),
                      "uploading a strip");
        record(uploaded_);
        const CudaStage stage{stream_.get(),
                              blas_ ? blas_->get() : nullptr,
                              input_.get(),
                              static_cast<float*>(results_.get()),
                              static_cast<float*>(scratch_.get()),
                              rows.count,
                              sample_of(type),
                              rows.finite};
        method_.compute(stage);
        const bool as_bytes = result == SampleType::u8;
        if (as_bytes) queue_bytes(stage);
        record(computed_);
        const std::int64_t down = as_bytes ? lost_at_ + kLostBytes : result_bytes_;
        device_.check(
            cudaMemcpyAsync(host_results_.get(), as_bytes ? bytes_.get() : results_.get(),
                            static_cast<std::size_t>(down), cudaMemcpyDeviceToHost, stream_.get()),
            "downloading a strip");
        record(downloaded_);
    }

    DeviceTimes wait() override {
        device_.use();
        device_.check(cudaEventSynchronize(downloaded_.get()), "computing a strip");
        return {seconds(begun_, uploaded_), seconds(uploaded_, computed_),
                seconds(computed_, downloaded_)};
    }

private:
    static constexpr std::int64_t kLostBytes = sizeof(gpu::StripLost);

    void queue_bytes(const CudaStage& stage) const {
        auto* bytes = static_cast<unsigned char*>(bytes_.get());
        int* lost = reinterpret_cast<int*>(bytes + lost_at_);
        device_.check(cudaMemsetAsync(lost, 0, kLostBytes, stage.stream), "rounding a strip");
        method_.round(stage, bytes, lost);
    }
    void record(const CudaEvent& event) const {
        device_.check(cudaEventRecord(event.get(), stream_.get()), "timing a strip");
    }
    double seconds(const CudaEvent& from, const CudaEvent& to) const {
        float milliseconds = 0;
        device_.check(cudaEventElapsedTime(&milliseconds, from.get(), to.get()), "timing a strip");
        return static_cast<double>(milliseconds) * 1e-3;
    }

    CudaDevice device_;
    CudaMethod method_;  ///< complete
    std::int64_t samples_, result_bytes_, lost_at_;
    std::shared_ptr<void> host_input_, host_results_, input_, results_, bytes_, scratch_;
    CudaStream stream_;
    std::optional<BlasHandle> blas_;
    CudaEvent begun_, uploaded_, computed_, downloaded_;
};

/// Rounds results as they lie.
CudaRound plain_round(const CudaDevice& device, const Problem& p,
                      const gpu::ResultLayout& results) {
    return [=, K = static_cast<int>(p.K), columns = static_cast<int>(p.Q() * p.N)](
               const CudaStage& stage, unsigned char* bytes, int* lost) {
        device.check(cuda::queue_store_bytes(stage.stream, stage.results, bytes, lost, columns,
                                             gpu::device_results(results, stage.rows), K),
                     "rounding a strip");
    };
}

}  // namespace

gpu::StripWork cuda_work(const CudaDevice& device, const gpu::StripLayout& input,
                         const gpu::ResultLayout& results, CudaMethod method) {
    if (!method.bytes) method.bytes = results;
    if (!method.round) method.round = plain_round(device, input.problem, results);
    return {.input = input,
            .results = results,
            .make_slot = [=]() -> std::unique_ptr<gpu::StripSlot> {
                return std::make_unique<CudaSlot>(device, input, results, method);
            },
            .bytes = method.bytes};
}

}  // namespace conv
