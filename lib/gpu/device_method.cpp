#include "gpu/device_method.hpp"

namespace conv::gpu {

Method make_method(DeviceMethod method) {
    return {
        .name = std::move(method.name),
        .summary = std::move(method.summary),
        .rejects = [](const Problem& p, const Weights&) { return too_wide(p); },
        .cost = [rates = method.rates, work = method.work](
                    const Problem& p, const Weights&) { return device_seconds(p, rates, work(p)); },
        .error_factor = [](const Problem&, const Weights&) { return 1.0; },
        .workspace_bytes = [](const Problem&, const Weights&) { return std::int64_t{0}; },
        .prepare = std::move(method.prepare)};
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
