#pragma once

#include <vector>

#include "base/aligned_buffer.hpp"
#include "bench_problems.hpp"
#include "conv/method.hpp"

namespace conv::bench {

/// Non-owning samples of a result, in the row's own order: N x K x P x Q planar where N is 1, else
/// P x Q pixels of N samples.
struct ResultView {
    SampleType type = SampleType::f32;
    const void* data = nullptr;
    std::int64_t count = 0;
};

/// The order of a row's tensor: pictures interleaved sample by sample where there are several.
Strides row_strides(const Shape& shape);

/// Input, weights and result size of one row; the same numbers on every run.
class Operands {
public:
    explicit Operands(const BenchRow& row);

    const BenchRow& row() const { return row_; }
    const Problem& problem() const { return row_.problem; }
    Source source() const;
    const void* samples() const { return samples_.data(); }
    Weights weights() const { return {weights_, {}, {numerators_, {}, denominator_}}; }
    /// The 1-D factor of a Gaussian kernel: weights = taps * taps^T; empty for a random one.
    const std::vector<float>& taps() const { return taps_; }

    std::int64_t result_count() const;
    /// Bytes of input and result in the row's own sample type: the least any contender moves.
    double traffic_bytes() const;
    /// How far a float32 result may be off the exact sum: 4 * eps * sqrt(n) * M * W with
    /// n = C/G*R*S products of |samples| <= M and W = the largest sum of a kernel's |weights|.
    double rounding_bound() const;

private:
    void fill_samples();
    void fill_weights();
    void fill_whole_weights();

    BenchRow row_;
    AlignedBuffer<std::byte> samples_;
    std::vector<float> weights_, taps_;
    std::vector<std::int32_t> numerators_;  ///< of whole kernels
    std::int64_t denominator_ = 0;
};

/// sigma of a Gaussian kernel of this size, OpenCV's rule.
double gaussian_sigma(std::int64_t size);

}  // namespace conv::bench
