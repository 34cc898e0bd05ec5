#include "operands.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace conv::bench {
namespace {

std::vector<float> gaussian_taps(std::int64_t size) {
    const double sigma = gaussian_sigma(size);
    std::vector<double> taps;
    double sum = 0;
    for (std::int64_t i = 0; i < size; ++i) {
        const double x = static_cast<double>(i) - static_cast<double>(size - 1) / 2;
        taps.push_back(std::exp(-x * x / (2 * sigma * sigma)));
        sum += taps.back();
    }
    std::vector<float> normalised;
    for (const double tap : taps) normalised.push_back(static_cast<float>(tap / sum));
    return normalised;
}

/// Scales each kernel to the sum 1, so that 8-bit results stay in their range.
void normalise(std::vector<float>& weights, std::int64_t kernels) {
    const std::size_t each = weights.size() / static_cast<std::size_t>(kernels);
    for (std::size_t first = 0; first < weights.size(); first += each) {
        double sum = 0;
        for (std::size_t i = 0; i < each; ++i) sum += static_cast<double>(weights[first + i]);
        for (std::size_t i = 0; i < each; ++i) {
            weights[first + i] = static_cast<float>(static_cast<double>(weights[first + i]) / sum);
        }
    }
}

}  // namespace

double gaussian_sigma(std::int64_t size) {
    return 0.3 * (static_cast<double>(size - 1) / 2 - 1) + 0.8;
}

Strides row_strides(const Shape& s) {
    if (s.N == 1) return planar_strides(s);
    return {1, s.H * s.W * s.N, s.W * s.N, s.N};
}

Operands::Operands(const BenchRow& row) : row_(row) {
    row_.problem.facts.samples = row.type;
    row_.problem.facts.results = row.type;
    if (row.type != SampleType::f32) row_.problem.facts.slack = 0.25;  // as PageProblem sets it
    if (row.type == SampleType::f32) row_.problem = row_.problem.written_for_good();
    fill_samples();
    fill_weights();
}

void Operands::fill_samples() {
    const Problem& p = row_.problem;
    const std::int64_t count = p.N * p.C * p.H * p.W;
    samples_ = AlignedBuffer<std::byte>(count * static_cast<std::int64_t>(sample_bytes(row_.type)));
    std::minstd_rand generator(1);
    if (row_.type == SampleType::u8) {
        std::uniform_int_distribution<int> level(0, 255);
        for (std::int64_t i = 0; i < count; ++i) {
            samples_[i] = static_cast<std::byte>(level(generator));
        }
        return;
    }
    if (row_.type == SampleType::u16) {
        std::uniform_int_distribution<int> level(0, 65535);
        auto* words = reinterpret_cast<std::uint16_t*>(samples_.data());
        for (std::int64_t i = 0; i < count; ++i) {
            words[i] = static_cast<std::uint16_t>(level(generator));
        }
        return;
    }
    std::uniform_real_distribution<float> uniform(row_.both_signs ? -1.0F : 0.0F, 1.0F);
    auto* floats = reinterpret_cast<float*>(samples_.data());
    for (std::int64_t i = 0; i < count; ++i) floats[i] = uniform(generator);
}

void Operands::fill_weights() {
    const Problem& p = row_.problem;
    weights_.resize(static_cast<std::size_t>(p.weight_count()));
    if (row_.kernel == KernelKind::gaussian) {
        taps_ = gaussian_taps(p.S);
        for (std::size_t i = 0; i < weights_.size(); ++i) {
            weights_[i] = taps_[i / taps_.size()] * taps_[i % taps_.size()];
        }
        return;
    }
    if (row_.kernel == KernelKind::whole) return fill_whole_weights();
    std::minstd_rand generator(2);
    std::uniform_real_distribution<float> uniform(-0.25F, 1.0F);
    for (float& weight : weights_) weight = uniform(generator);
    normalise(weights_, p.K);
}

/// About as random ones are: a fifth of the numbers is negative.
void Operands::fill_whole_weights() {
    std::minstd_rand generator(2);
    std::uniform_int_distribution<std::int32_t> uniform(-25, 100);
    for (std::size_t i = 0; i < weights_.size(); ++i) {
        numerators_.push_back(uniform(generator));
        denominator_ += numerators_.back();
    }
    for (std::size_t i = 0; i < weights_.size(); ++i) {
        weights_[i] = static_cast<float>(static_cast<double>(numerators_[i]) /
                                         static_cast<double>(denominator_));
    }
}

Source Operands::source() const {
    const Shape shape = row_.problem.src_shape();
    return {row_.type, samples_.data(), shape, row_strides(shape)};
}

std::int64_t Operands::result_count() const {
    const Shape shape = row_.problem.dst_shape();
    return shape.N * shape.C * shape.H * shape.W;
}

double Operands::traffic_bytes() const {
    const Problem& p = row_.problem;
    return static_cast<double>(p.N * p.C * p.H * p.W + result_count()) *
           static_cast<double>(sample_bytes(row_.type));
}

double Operands::rounding_bound() const {
    constexpr double kEps = 1.0 / (1 << 23);
    const double M = sample_maximum(row_.type);
    const std::size_t each = weights_.size() / static_cast<std::size_t>(row_.problem.K);
    double W = 0;
    for (std::size_t first = 0; first < weights_.size(); first += each) {
        double sum = 0;
        for (std::size_t i = 0; i < each; ++i) {
            sum += std::abs(static_cast<double>(weights_[first + i]));
        }
        W = std::max(W, sum);
    }
    return 4 * kEps * std::sqrt(static_cast<double>(each)) * M * W;
}

}  // namespace conv::bench
