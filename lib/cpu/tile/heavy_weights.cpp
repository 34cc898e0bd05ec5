#include "cpu/tile/heavy_weights.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace conv {

std::vector<std::vector<float>> heavy_weights(const Problem& p, const Weights& weights) {
    const auto count = static_cast<std::size_t>(p.group_channels() * p.R * p.S);
    std::vector<std::vector<float>> parts(static_cast<std::size_t>(p.groups),
                                          std::vector<float>(count + 1, 0.0F));
    std::vector<double> sizes(count);
    for (std::int64_t k = 0; k < p.K; ++k) {
        const float* map = weights.values.data() + k * static_cast<std::int64_t>(count);
        std::transform(map, map + count, sizes.begin(),
                       [](float w) { return std::abs(double{w}); });
        std::sort(sizes.begin(), sizes.end(), std::greater<>());
        double norm = 0, sum = 0;
        for (const double size : sizes) norm += size;
        std::vector<float>& part = parts[static_cast<std::size_t>(k / p.group_kernels())];
        for (std::size_t j = 0; norm > 0 && j < count; ++j) {
            sum += sizes[j] / norm;
            part[j + 1] = std::max(part[j + 1], static_cast<float>(sum));
        }
    }
    return parts;
}

}  // namespace conv
