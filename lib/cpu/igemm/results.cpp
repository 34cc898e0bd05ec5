#include "cpu/igemm/results.hpp"

#include "conv/whole_results.hpp"

namespace conv {
namespace {

template <typename Convert>
void convert(const DigitSums& sums, std::int64_t count, float* out, const Convert& result) {
    const auto bias = static_cast<double>(sums.bias);
    const auto denominator = static_cast<double>(sums.denominator);
    const std::int32_t* low = sums.low;
    const std::int32_t* high = sums.high;
    if (!high) {
        for (std::int64_t i = 0; i < count; ++i) {
            out[i] = static_cast<float>(result(static_cast<double>(low[i]) + bias, denominator));
        }
        return;
    }
    for (std::int64_t i = 0; i < count; ++i) {
        const double sum = static_cast<double>(low[i]) + 256 * static_cast<double>(high[i]) + bias;
        out[i] = static_cast<float>(result(sum, denominator));
    }
}

}  // namespace

void store_results(const DigitSums& sums, SampleType results, std::int64_t count, float* out) {
    switch (results) {
        case SampleType::u8:
            return convert(sums, count, out, [](double sum, double d) {
                return whole_result<SampleType::u8>(sum, d);
            });
        case SampleType::u16:
            return convert(sums, count, out, [](double sum, double d) {
                return whole_result<SampleType::u16>(sum, d);
            });
        case SampleType::f32:
            return convert(sums, count, out, [](double sum, double d) {
                return whole_result<SampleType::f32>(sum, d);
            });
    }
}

}  // namespace conv
