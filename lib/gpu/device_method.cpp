#include "gpu/device_method.hpp"

#include "gpu/row_lowering.hpp"

namespace conv::gpu {
namespace {

constexpr std::int64_t kFloat = sizeof(float);

std::int64_t none(const Problem&) {
    return 0;
}
std::int64_t one(const Problem&) {
    return 1;
}

}  // namespace

const MethodKind kDirect = {"direct", "the sums themselves, tiled in the device's local memory",
                            direct_work, none, one};
const MethodKind kIm2col = {"im2col", "the column matrix of a strip, then one sgemm", im2col_work,
                            column_bytes_per_row, one};
const MethodKind kGemm = {"gemm", "sgemm on the strip as it lies, the kernel as a Toeplitz block",
                          gemm_work, none, [](const Problem& p) { return RowLowering(p).unit(); }};

Method make_method(const MethodKind& kind, const DeviceTraits& device,
                   std::function<StripMaker(const Problem&, const Weights&)> upload) {
    const auto rows = [kind, device](const Problem& p) {
        return strip_rows(p, kind.scratch_per_row(p), kind.row_unit(p), device.strip_bytes);
    };
    const auto cost = [kind, device](const Problem& p, const Weights&) {
        return device_cost(p, device.rates, kind.work(p));
    };
    return {.name = kind.name,
            .summary = kind.summary,
            .rejects = [](const Problem& p, const Weights&) { return too_large(p); },
            .cost = [cost](const Problem& p,
                           const Weights& weights) { return cost(p, weights).total(); },
            .error_factor = [](const Problem&, const Weights&) { return 1.0; },
            .workspace_bytes = [rows](const Problem& p,
                                      const Weights&) { return strip_host_bytes(p, rows(p)); },
            .prepare =
                [kind, rows, upload](const Problem& p, const Weights& weights) {
                    return strip_plan(p, rows(p), kind.row_unit(p), upload(p, weights));
                },
            .device_cost = cost};
}

std::int64_t column_bytes_per_row(const Problem& p) {
    return p.group_channels() * p.R * p.S * planar_results(p, 1).line * kFloat;
}

std::vector<float> full_bias(const Problem& p, const Weights& weights) {
    if (!weights.bias.empty()) return {weights.bias.begin(), weights.bias.end()};
    return std::vector<float>(static_cast<std::size_t>(p.K), 0.0F);
}

std::vector<float> columnwise_weights(const Problem& p, const Weights& weights) {
    std::vector<float> turned(weights.values.size());
    const std::int64_t window = p.R * p.S;
    for (std::int64_t i = 0; i < p.weight_count(); ++i) {
        const std::int64_t r = i % window / p.S, s = i % p.S;
        turned[static_cast<std::size_t>(i / window * window + s * p.R + r)] =
            weights.values[static_cast<std::size_t>(i)];
    }
    return turned;
}

}  // namespace conv::gpu
