#include "gpu/whole_method.hpp"

#include "conv/whole_results.hpp"

namespace conv::gpu {
namespace {

/// One row of a map: its digits' sums, `step` floats apart, become results.
template <SampleType results>
void store_row(const Digits& digits, std::int64_t k, const float* sums, std::int64_t step,
               TensorView<float> dst) {
    const auto bias = static_cast<double>(digits.whole.bias[static_cast<std::size_t>(k)]);
    const auto base = static_cast<double>(digits.base);
    const auto denominator = static_cast<double>(digits.whole.denominator);
    for (std::int64_t q = 0; q < dst.shape.W; ++q) {
        for (std::int64_t n = 0; n < dst.shape.N; ++n, ++sums) {
            double sum = 0;
            for (std::int64_t d = digits.count; d-- > 0;) {
                sum = base * sum + static_cast<double>(sums[d * step]);
            }
            dst(n, k, 0, q) =
                static_cast<float>(whole_result<SampleType::u8, results>(sum + bias, denominator));
        }
    }
}

template <SampleType results>
void store(const Digits& digits, const ResultLayout& layout, const float* sums,
           TensorView<float> dst) {
    for (std::int64_t k = 0; k < dst.shape.C; ++k) {
        for (std::int64_t p = 0; p < dst.shape.H; ++p) {
            store_row<results>(digits, k, sums + layout.offset(k * digits.count, p),
                               layout.map_step, dst.rows(p, 1));
        }
    }
}

void store_sums(const Digits& digits, std::int64_t rows, const float* sums, TensorView<float> dst) {
    const ResultLayout layout = planar_results(digits.problem, rows);
    switch (digits.problem.facts.results) {
        case SampleType::u8:
            return store<SampleType::u8>(digits, layout, sums, dst);
        case SampleType::u16:
            return store<SampleType::u16>(digits, layout, sums, dst);
        case SampleType::f32:
            return store<SampleType::f32>(digits, layout, sums, dst);
    }
}

/// The device's strips, and how their sums come home.
StripMaker with_store(const std::shared_ptr<const Digits>& digits, const DigitUpload& upload) {
    return [digits, make = upload(*digits)](std::int64_t rows) {
        StripWork work = make(rows);
        work.store = [digits, rows](const float* sums, TensorView<float> dst) {
            store_sums(*digits, rows, sums, dst);
        };
        return work;
    };
}

}  // namespace

Method make_whole_method(const DeviceTraits& device, const DigitUpload& upload) {
    const auto offer = [device, upload](const Problem& p, const Weights& weights) {
        const auto digits = std::make_shared<const Digits>(make_digits(p, weights));
        if (!digits->refusal.empty()) return refuse(digits->refusal);
        const Problem& cut = digits->problem;
        if (std::string reason = too_large(cut); !reason.empty()) return refuse(std::move(reason));
        const std::int64_t rows = strip_rows(cut, 0, 1, device.strip_bytes);
        // Only the results travel home, not the sums.
        DeviceCost cost = device_cost(cut, device.rates, direct_work(cut));
        cost.download = device_cost(p, device.rates, direct_work(p)).download;
        return Offer{
            .seconds = cost.total(),
            .parts = cost,
            .memory = strip_memory(cut, rows),
            .prepare = [=] { return strip_plan(cut, rows, 1, with_store(digits, upload)); }};
    };
    return {.name = "igemm",
            .summary = "8-bit pictures in whole numbers: exact sums, the processor's bytes",
            .offer = offer};
}

}  // namespace conv::gpu
