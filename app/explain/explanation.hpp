#pragma once

#include <span>
#include <string>
#include <vector>

#include "explain/explain_input.hpp"
#include "kernels/analysis.hpp"
#include "kernels/kernel.hpp"
#include "pipeline/channels.hpp"
#include "pipeline/filter.hpp"

namespace conv {

/// Sizes of the matrices that the lowerings of one product would have.
struct LoweringSizes {
    std::int64_t maps = 0, window = 0, outputs = 0;  ///< K/G, C/G*R*S, P*Q
    std::int64_t samples = 0;                        ///< C/G*H*W, of the picture
    double column_values = 0;                        ///< window * outputs
    double toeplitz_rows = 0, toeplitz_values = 0;   ///< maps * outputs; times samples
    double toeplitz_nonzero = 0;     ///< at most: weights that meet a sample of the picture
    std::int64_t rows_together = 1;  ///< T of the row lowering
    std::int64_t block_rows = 0;     ///< T*K/G
    std::int64_t block_depth = 0;    ///< lines that a block touches
};

/// A convolution thought through but not done.
struct Explanation {
    std::vector<Kernel> kernels;
    std::vector<KernelProperties> properties;  ///< of each kernel
    FilterSettings settings;
    Bank bank;
    ExplainInput input;
    ChannelPlan channels;
    ChannelSource source;  ///< what is convolved; without samples where `samples` is false
    bool samples = false;  ///< the numbers are there to be shown
    Problem problem;
    std::int64_t products = 1;  ///< how often the problem is computed for one page
    LoweringSizes sizes;
    Choice choice;  ///< every method looked at, and the one that apply would take
    std::vector<std::string> decisions;

    /// What is added to the sums; under weighted alpha that comes after the division by opacity.
    std::span<const float> bias() const {
        return channels.weighted ? std::span<const float>() : std::span<const float>(bank.bias);
    }
};

/// Works out what filtering the first page of `input` would do. Throws as filter_pages does.
Explanation explain(std::span<const Device> devices, std::vector<Kernel> kernels,
                    const FilterSettings& settings, ExplainInput input);

LoweringSizes lowering_sizes(const Problem& problem);

/// Whether every matrix of a lowering is small enough to be printed: at most kMostShownCells
/// values, 48 in a row or column.
bool fits_a_page(double rows, double columns);

}  // namespace conv
