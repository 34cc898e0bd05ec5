#pragma once

#include "conv/method.hpp"

namespace conv {

/// The sizes of row lowering, what its blocks and its products share on every device: T output rows
///   p = start + t * chain_step,  t in [0, T)
/// are a sum over the taps s of A_s * (lines, s taps further on), where A_s is (T*K/G) x
/// (lines * C/G). Rows of a picture are split into dilation_h phases; a chain reads one of them.
struct ToeplitzRows {
    std::int64_t channels, maps;  ///< of one group
    std::int64_t chain_step;      ///< output rows from one t to the next: dilation_h / g
    std::int64_t line_step;  ///< lines of a phase from one t to the next: stride_h / g; g their gcd
    std::int64_t rows_together = 1;  ///< T

    explicit ToeplitzRows(const Problem& p);

    /// Lines of one row phase that `count` output rows of a chain read.
    std::int64_t lines(const Problem& p, std::int64_t count) const {
        return (count - 1) * line_step + p.R;
    }
    /// Columns of A_s that `count` <= T output rows use.
    std::int64_t depth(const Problem& p, std::int64_t count) const {
        return lines(p, count) * channels;
    }
    /// Columns of A_s.
    std::int64_t depth(const Problem& p) const { return depth(p, rows_together); }
    std::int64_t block_floats(const Problem& p) const { return rows_together * maps * depth(p); }
};

/// The blocks A_s of all groups and taps: [group][s][t * maps + k][line * channels + c], where
/// weights[k,c,r,s] stands at line t * line_step + r and all else is zero.
std::vector<float> toeplitz_blocks(const Problem& p, const ToeplitzRows& rows,
                                   std::span<const float> weights);

}  // namespace conv
