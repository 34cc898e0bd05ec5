#pragma once

#include <array>
#include <string>
#include <string_view>

namespace conv {

/// The steps that cost models count: what of a method's work takes its time. Each has a rate, the
/// seconds that it takes one thread.
enum class Step {
    oracle_product,   ///< a product of the definition
    column_entry,     ///< an entry of the whole column matrix, written and read again
    column_product,   ///< a multiplication of sgemm with it
    sgemm_product,    ///< a multiplication of sgemm at the sizes of gemm's calls
    sgemm_line,       ///< a float of the lines in each such call
    sgemm_result,     ///< a float of the results in each such call
    sgemm_call,       ///< a call
    tile_sample,      ///< a sample padded into a tile
    phased_sample,    ///< the same into a column phase
    result,           ///< a float of a result on its way to memory
    direct_vector,    ///< a vector of multiply-adds in direct's full blocks of sums
    pass_vector,      ///< a vector of multiply-adds in a pass of separable
    pass_load,        ///< a multiply-add of a row pass whose taps share no vector
    pass_middle,      ///< a float between the two passes
    pass_byte,        ///< an 8-bit sample or result of separable
    pass_sample,      ///< a float sample or result of separable
    winograd_vector,  ///< a vector of multiply-adds in winograd's products
    winograd_number,  ///< a transformed number on its way in or out
    winograd_sample,  ///< a sample or result of winograd
    winograd_weight,  ///< a weight that comes from the third-level cache
    cell_vector,      ///< a vector of multiply-adds of igemm's cells
    cell_byte,        ///< a result of igemm rounded to 8 bits
    cell_float,       ///< a float result of igemm
    fft_point,        ///< a complex point of a transform of 512, as a row of a batch
    fft_product,      ///< a complex product with a spectrum in the second-level cache
    fft_sample,       ///< a real sample on its way into or out of a tile
    count
};

inline constexpr std::size_t kStepCount = static_cast<std::size_t>(Step::count);

/// The word of a step in a stored profile, as "direct_vector".
std::string_view step_name(Step step);

/// What the planner assumes of a processor. Predictions rest on it, and with them what `auto`
/// takes; the size of a tile never does.
struct MachineProfile {
    std::string machine;                     ///< whose figures these are, for people
    bool measured = false;                   ///< on this machine; else built in
    std::array<double, kStepCount> rates{};  ///< seconds of each Step on one thread

    double operator[](Step step) const { return rates[static_cast<std::size_t>(step)]; }
    double& operator[](Step step) { return rates[static_cast<std::size_t>(step)]; }
};

}  // namespace conv
