#include "cpu/tile/builtin_profile.hpp"

#include <fmt/format.h>
#include <hwy/targets.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "cpu/tile/lanes.hpp"
#include "gemm/openblas.hpp"

namespace conv {
namespace {

/// The columns of the table below.
enum Column : std::size_t { zen5, zen5_avx2, zen4, rapids, rapids_avx2, plain, kColumns };

constexpr std::array<const char*, kColumns> kNames = {
    "a Zen 5 core with AVX-512", "a Zen 5 core with AVX2",           "a Zen 4 core with AVX-512",
    "a Sapphire Rapids core",    "a Sapphire Rapids core with AVX2", "a core without AVX2"};

/// Nanoseconds of a step on one thread.
struct StepRow {
    Step step;
    std::array<double, kColumns> nanoseconds;
};

// Zen 5: fitted by hand to pictures of 56 to 2048 columns, windows of 3x3 to 51x51, up to 64
// channels and maps; igemm's steps held to direct's as on Sapphire Rapids. Sapphire Rapids: fitted
// to the rows of conv_bench on an Emerald Rapids core (Sapphire Rapids' successor, with the same
// units) that had other work. Not measured, estimated: narrower vectors on it, cores without AVX2,
// winograd's steps on Zen, and Zen 4, which has Zen 5's with vectors of 16 floats at half the rate.
constexpr std::array<StepRow, kStepCount> kRows = {{
    {Step::oracle_product, {3, 3, 3, 8, 8, 8}},
    {Step::column_entry, {1.6, 1.6, 1.6, 1.5, 1.5, 2}},
    {Step::column_product, {0.02, 0.02, 0.02, 0.025, 0.03, 0.08}},
    {Step::sgemm_product, {0.0079, 0.0156, 0.0156, 0.0098, 0.019, 0.06}},
    {Step::sgemm_line, {0.004, 0.059, 0.03, 0.0035, 0.05, 0.06}},
    {Step::sgemm_result, {0.028, 0.045, 0.04, 0.075, 0.08, 0.1}},
    {Step::sgemm_call, {40, 40, 40, 60, 60, 60}},
    {Step::tile_sample, {0.1, 0.1, 0.1, 0.3, 0.3, 0.35}},
    {Step::phased_sample, {0.25, 0.25, 0.25, 0.35, 0.35, 0.4}},
    {Step::result, {0.1, 0.1, 0.1, 0.15, 0.15, 0.2}},
    {Step::direct_vector, {0.125, 0.125, 0.25, 0.2, 0.2, 0.4}},
    {Step::pass_vector, {0.145, 0.145, 0.29, 0.2, 0.2, 0.4}},
    {Step::pass_load, {0.02, 0.02, 0.025, 0.024, 0.028, 0.05}},
    {Step::pass_middle, {0.03, 0.03, 0.03, 0.045, 0.045, 0.05}},
    {Step::pass_byte, {0.01, 0.01, 0.01, 0.078, 0.078, 0.1}},
    {Step::pass_sample, {0.16, 0.16, 0.16, 0.34, 0.34, 0.4}},
    {Step::winograd_vector, {0.133, 0.133, 0.267, 0.21, 0.21, 0.42}},
    {Step::winograd_number, {0.4, 0.4, 0.4, 0.7, 0.7, 0.8}},
    {Step::winograd_sample, {0.06, 0.06, 0.06, 0.12, 0.12, 0.15}},
    {Step::winograd_weight, {0.1, 0.1, 0.1, 0.1, 0.1, 0.1}},
    {Step::cell_vector, {0.18, 0.18, 0.36, 0.26, 0.26, 0.4}},
    {Step::cell_byte, {0.1, 0.1, 0.1, 0.33, 0.33, 0.5}},
    {Step::cell_float, {0.4, 0.4, 0.4, 0.4, 0.4, 0.8}},
    {Step::fft_point, {0.53, 0.53, 0.6, 1, 1.1, 2}},
    {Step::fft_product, {0.1, 0.1, 0.12, 0.19, 0.25, 0.6}},
    {Step::fft_sample, {0.25, 0.25, 0.25, 0.47, 0.47, 0.5}},
}};

constexpr bool rows_are_in_order() {
    for (std::size_t i = 0; i < kStepCount; ++i) {
        if (kRows[i].step != static_cast<Step>(i)) return false;
    }
    return true;
}
static_assert(rows_are_in_order());

Column column_of(CoreFamily family, std::int64_t lanes) {
    if (lanes < 8) return plain;
    const bool wide = lanes > 8;
    switch (family) {
        case CoreFamily::zen4:
            return wide ? zen4 : zen5_avx2;
        case CoreFamily::zen5:
            return wide ? zen5 : zen5_avx2;
        case CoreFamily::sapphire_rapids:
        case CoreFamily::other:
            break;
    }
    return wide ? rapids : rapids_avx2;
}

bool is_of_sgemm(Step step) {
    return step >= Step::column_product && step <= Step::sgemm_call;
}

/// By the core that OpenBLAS names: those with AVX-512, those without AVX2, and all others.
std::int64_t lanes_of_blas_core(std::string_view core) {
    constexpr std::array<std::string_view, 3> kWide = {"SkylakeX", "Cooperlake", "SapphireRapids"};
    constexpr std::array<std::string_view, 3> kAvx2 = {"Haswell", "Zen", "Excavator"};
    const auto is_in = [&](const auto& cores) {
        return std::find(cores.begin(), cores.end(), core) != cores.end();
    };
    return is_in(kWide) ? kLanes : is_in(kAvx2) ? kLanes / 2 : kLanes / 4;
}

}  // namespace

CoreTraits this_core() {
    return {this_core_family(), vector_lanes(), lanes_of_blas_core(openblas_core_expected())};
}

MachineProfile builtin_profile(const CoreTraits& core) {
    const Column vectors = column_of(core.family, core.lanes);
    const Column products = column_of(core.family, core.blas_lanes);
    MachineProfile profile;
    profile.machine = kNames[vectors];
    for (const auto& [step, nanoseconds] : kRows) {
        profile[step] = 1e-9 * nanoseconds[is_of_sgemm(step) ? products : vectors];
    }
    return profile;
}

std::string profile_code_paths() {
    const std::string& core = openblas_core_expected();
    return fmt::format("{} vectors, OpenBLAS core {}",
                       hwy::TargetName(hwy::SupportedTargets() & -hwy::SupportedTargets()),
                       core.empty() ? "of its choice" : core);
}

}  // namespace conv
