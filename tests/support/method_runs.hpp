#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "conv/device.hpp"
#include "support/operands.hpp"
#include "support/problems.hpp"
#include "support/test_devices.hpp"
#include "tensor/source.hpp"
#include "tensor/view.hpp"

namespace conv::test {

inline constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
inline constexpr float kGuard = 1234.5F;
inline constexpr std::size_t kGuardFloats = 64;

/// Memory for a tensor, filled with NaN, with guard values on both sides.
class GuardedTensor {
public:
    GuardedTensor(const Shape& shape, const Strides& strides)
        : memory_(
              static_cast<std::size_t>(shape.N * shape.C * shape.H * shape.W) + 2 * kGuardFloats,
              kNaN),
          shape_(shape),
          strides_(strides) {
        std::fill_n(memory_.begin(), kGuardFloats, kGuard);
        std::fill_n(memory_.end() - kGuardFloats, kGuardFloats, kGuard);
    }
    TensorView<float> view() { return {memory_.data() + kGuardFloats, shape_, strides_}; }
    std::vector<float> values() const {
        return {memory_.begin() + kGuardFloats, memory_.end() - kGuardFloats};
    }
    bool guards_intact() const {
        const auto intact = [](float x) { return x == kGuard; };
        return std::all_of(memory_.begin(), memory_.begin() + kGuardFloats, intact) &&
               std::all_of(memory_.end() - kGuardFloats, memory_.end(), intact);
    }

private:
    std::vector<float> memory_;
    Shape shape_;
    Strides strides_;
};

/// Pictures one after the other, or interleaved sample by sample as the channels of a picture are.
Strides batch_strides(const Shape& s, bool interleaved);

/// What a method computes, into memory whose guards it must leave as they are.
std::vector<float> run_method(const Device& device, const std::string& method, const Problem& p,
                              const Source& src, const Weights& weights, bool interleaved = false,
                              int threads = 1);
std::vector<float> run_method(const Device& device, const std::string& method, const Problem& p,
                              const Operands& operands, bool interleaved = false, int threads = 1);

/// 8-bit samples, and kernels that are products of a column and a row of whole numbers: what
/// methods take that refuse random kernels.
struct WholeOperands : Operands {
    std::vector<std::uint8_t> bytes;
    std::vector<std::int32_t> whole, whole_bias;

    explicit WholeOperands(const Problem& p) : Operands(p) {
        std::size_t at = 0;
        for (std::int64_t k = 0; k < p.K * p.group_channels(); ++k) {
            for (std::int64_t i = 0; i < p.R * p.S; ++i, ++at) {
                whole.push_back(static_cast<std::int32_t>(((i / p.S + k) % 5 - 2) * (i % p.S % 4)));
                weights[at] = static_cast<float>(whole.back());
            }
        }
        for (float& b : bias)
            whole_bias.push_back(static_cast<std::int32_t>(b = std::round(9 * b)));
        for (float& x : src)
            bytes.push_back(static_cast<std::uint8_t>(x = std::round(x * 127 + 128)));
    }
    Weights view() const { return {weights, bias, {whole, whole_bias, 1}}; }
    Source source(const Problem& p) const {
        return {SampleType::u8, bytes.data(), p.src_shape(), planar_strides(p.src_shape())};
    }
};

/// Errors of a result over what its outputs may be off (conv/error_bound.hpp), the largest; and
/// over sum |w||x| + |bias|, the mean.
struct ErrorRatios {
    double worst = 0, mean = 0;
};

ErrorRatios error_ratios(const Problem& p, const Operands& operands,
                         const std::vector<float>& result, const std::vector<float>& oracle,
                         double factor, bool interleaved = false);
double worst_error_ratio(const Problem& p, const Operands& operands,
                         const std::vector<float>& result, const std::vector<float>& oracle,
                         double factor, bool interleaved = false);

/// Calls body(device, method, offer) for every method of every device that takes the problem.
template <typename Body>
void for_each_method(const Problem& p, const Weights& weights, const Body& body) {
    for (const Device& device : test_devices().found) {
        CAPTURE(device.name);
        for (const Method& method : device.methods) {
            const Offer offer = method.offer(p, weights);
            if (!offer.can_run()) continue;
            CAPTURE(method.name);
            body(device, method, offer);
        }
    }
}

/// The table of problems and the sweep of sizes.
std::vector<NamedProblem> all_problems();

}  // namespace conv::test
