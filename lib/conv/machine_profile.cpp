#include "conv/machine_profile.hpp"

namespace conv {
namespace {

constexpr std::array<std::string_view, kStepCount> kNames = {
    "oracle_product", "column_entry",    "column_product",  "sgemm_product",   "sgemm_line",
    "sgemm_result",   "sgemm_call",      "tile_sample",     "phased_sample",   "result",
    "direct_vector",  "pass_vector",     "pass_load",       "pass_middle",     "pass_byte",
    "pass_sample",    "winograd_vector", "winograd_number", "winograd_sample", "winograd_weight",
    "cell_vector",    "cell_byte",       "cell_float",      "fft_point",       "fft_product",
    "fft_sample",
};
static_assert(!kNames.back().empty());

}  // namespace

std::string_view step_name(Step step) {
    return kNames[static_cast<std::size_t>(step)];
}

}  // namespace conv
