#include "cuda/cuda_slot.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace conv {
namespace {

constexpr std::int64_t kFloat = sizeof(float);

/// cuBLAS on one stream.
class BlasHandle {
public:
    BlasHandle(const CudaDevice& device, const CudaStream& stream) {
        device.use();
        device.check(cublasCreate(&handle_), "cuBLAS");
        cublasStatus_t status = cublasSetStream(handle_, stream.get());
        // Strict float32: no TF32, whatever the environment says.
        if (status == CUBLAS_STATUS_SUCCESS) {
            status = cublasSetMathMode(handle_, CUBLAS_PEDANTIC_MATH);
        }
        if (status == CUBLAS_STATUS_SUCCESS) return;
        cublasDestroy(handle_);
        device.check(status, "cuBLAS");
    }
    BlasHandle(const BlasHandle&) = delete;
    BlasHandle& operator=(const BlasHandle&) = delete;
    ~BlasHandle() { cublasDestroy(handle_); }
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
             const gpu::ResultLayout& results, std::int64_t scratch_bytes, CudaCompute compute)
        : device_(device),
          compute_(std::move(compute)),
          samples_(input.size()),
          result_bytes_(results.size * kFloat),
          host_input_(device.allocate_pinned(samples_ * kFloat)),
          host_results_(device.allocate_pinned(result_bytes_)),
          input_(device.allocate(samples_ * kFloat)),
          results_(device.allocate(result_bytes_)),
          scratch_(device.allocate(std::max(scratch_bytes, kFloat))),
          stream_(device),
          blas_(device, stream_),
          begun_(device),
          uploaded_(device),
          computed_(device),
          downloaded_(device) {}
    ~CudaSlot() override {
        // Nothing may still use the memory when it goes.
        cudaStreamSynchronize(stream_.get());
    }

    void* input() override { return host_input_.get(); }
    const float* results() const override { return static_cast<const float*>(host_results_.get()); }

    void start(std::int64_t rows, SampleType type) override {
        device_.use();
        const auto bytes = static_cast<std::size_t>(samples_) * sample_bytes(type);
        record(begun_);
        device_.check(cudaMemcpyAsync(input_.get(), host_input_.get(), bytes,
                                      cudaMemcpyHostToDevice, stream_.get()),
                      "uploading a strip");
        record(uploaded_);
        compute_({stream_.get(), blas_.get(), input_.get(), static_cast<float*>(results_.get()),
                  static_cast<float*>(scratch_.get()), rows, sample_of(type)});
        record(computed_);
        device_.check(cudaMemcpyAsync(host_results_.get(), results_.get(),
                                      static_cast<std::size_t>(result_bytes_),
                                      cudaMemcpyDeviceToHost, stream_.get()),
                      "downloading a strip");
        record(downloaded_);
    }

    DeviceTimes wait() override {
        device_.use();
        device_.check(cudaStreamSynchronize(stream_.get()), "computing a strip");
        return {seconds(begun_, uploaded_), seconds(uploaded_, computed_),
                seconds(computed_, downloaded_)};
    }

private:
    void record(const CudaEvent& event) const {
        device_.check(cudaEventRecord(event.get(), stream_.get()), "timing a strip");
    }
    double seconds(const CudaEvent& from, const CudaEvent& to) const {
        float milliseconds = 0;
        device_.check(cudaEventElapsedTime(&milliseconds, from.get(), to.get()), "timing a strip");
        return static_cast<double>(milliseconds) * 1e-3;
    }

    CudaDevice device_;
    CudaCompute compute_;
    std::int64_t samples_, result_bytes_;
    std::shared_ptr<void> host_input_, host_results_, input_, results_, scratch_;
    CudaStream stream_;
    BlasHandle blas_;
    CudaEvent begun_, uploaded_, computed_, downloaded_;
};

}  // namespace

gpu::StripWork cuda_work(const CudaDevice& device, const gpu::StripLayout& input,
                         const gpu::ResultLayout& results, std::int64_t scratch_bytes,
                         CudaCompute compute) {
    return {.input = input,
            .results = results,
            .float_only = false,
            .make_slot = [=]() -> std::unique_ptr<gpu::StripSlot> {
                return std::make_unique<CudaSlot>(device, input, results, scratch_bytes, compute);
            }};
}

}  // namespace conv
