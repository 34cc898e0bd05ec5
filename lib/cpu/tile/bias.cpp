#include "cpu/tile/bias.hpp"

namespace conv {

void add_bias(std::span<const float> bias, TensorView<float> dst) {
    for (std::size_t k = 0; k < bias.size(); ++k) {
        for (std::int64_t p = 0; p < dst.shape.H; ++p) {
            float* row = &dst(0, static_cast<std::int64_t>(k), p, 0);
            for (std::int64_t i = 0; i < dst.shape.W * dst.shape.N; ++i) row[i] += bias[k];
        }
    }
}

}  // namespace conv
