#include "conv/toeplitz_rows.hpp"

#include <numeric>

namespace conv {

ToeplitzRows::ToeplitzRows(const Problem& p)
    : channels(p.group_channels()),
      maps(p.group_kernels()),
      chain_step(p.dilation_h / std::gcd(p.stride_h, p.dilation_h)),
      line_step(p.stride_h / std::gcd(p.stride_h, p.dilation_h)) {}

std::vector<float> toeplitz_blocks(const Problem& p, const ToeplitzRows& rows,
                                   std::span<const float> weights) {
    const std::int64_t depth = rows.depth(p), block = rows.block_floats(p);
    std::vector<float> blocks(static_cast<std::size_t>(p.groups * p.S * block), 0.0F);
    const float* w = weights.data();
    for (std::int64_t map = 0; map < p.K; ++map) {
        const std::int64_t g = map / rows.maps, k = map % rows.maps;
        for (std::int64_t c = 0; c < rows.channels; ++c) {
            for (std::int64_t r = 0; r < p.R; ++r) {
                for (std::int64_t s = 0; s < p.S; ++s, ++w) {
                    float* a = blocks.data() + (g * p.S + s) * block;
                    for (std::int64_t t = 0; t < rows.rows_together; ++t) {
                        a[(t * rows.maps + k) * depth + (t * rows.line_step + r) * rows.channels +
                          c] = *w;
                    }
                }
            }
        }
    }
    return blocks;
}

}  // namespace conv
