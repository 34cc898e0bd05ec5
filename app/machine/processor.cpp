#include "machine/processor.hpp"

#include <fmt/format.h>
#include <hwy/highway.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <utility>

#include "base/parallel.hpp"

namespace conv {
namespace {

/// "model name : X" of Linux on x86, "Model" or "Processor" elsewhere.
std::string processor_name() {
    std::ifstream cpuinfo("/proc/cpuinfo");
    for (std::string line; std::getline(cpuinfo, line);) {
        const std::size_t colon = line.find(": ");
        if (colon == std::string::npos) continue;
        for (const char* key : {"model name", "Model", "Processor"}) {
            if (line.starts_with(key)) return line.substr(colon + 2);
        }
    }
    return "unknown";
}

std::int64_t installed_memory() {
    const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    return pages > 0 && page > 0 ? std::int64_t{pages} * page : 0;
}

std::optional<SimdLevel> processor_level() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return SimdLevel::avx512;
    if (__builtin_cpu_supports("avx2")) return SimdLevel::avx2;
    if (__builtin_cpu_supports("avx")) return SimdLevel::avx;
    return SimdLevel::sse;
#else
    return std::nullopt;
#endif
}

/// The cores of OpenBLAS 0.3 for x86; those of other processors have one level only.
constexpr auto kCores = std::to_array<std::pair<std::string_view, SimdLevel>>({
    {"Prescott", SimdLevel::sse},      {"Core2", SimdLevel::sse},
    {"Penryn", SimdLevel::sse},        {"Dunnington", SimdLevel::sse},
    {"Nehalem", SimdLevel::sse},       {"Atom", SimdLevel::sse},
    {"Nano", SimdLevel::sse},          {"Athlon", SimdLevel::sse},
    {"Opteron", SimdLevel::sse},       {"Opteron_SSE3", SimdLevel::sse},
    {"Barcelona", SimdLevel::sse},     {"Bobcat", SimdLevel::sse},
    {"Sandybridge", SimdLevel::avx},   {"Bulldozer", SimdLevel::avx},
    {"Piledriver", SimdLevel::avx},    {"Steamroller", SimdLevel::avx},
    {"Haswell", SimdLevel::avx2},      {"Zen", SimdLevel::avx2},
    {"Excavator", SimdLevel::avx2},    {"SkylakeX", SimdLevel::avx512},
    {"Cooperlake", SimdLevel::avx512}, {"SapphireRapids", SimdLevel::avx512},
});

}  // namespace

const char* simd_level_name(SimdLevel level) {
    constexpr std::array kNames = {"SSE", "AVX", "AVX2", "AVX-512"};
    return kNames[static_cast<std::size_t>(level)];
}

Processor this_processor() {
    Processor processor{
        processor_name(), hardware_threads(), installed_memory(), processor_level(), {}};
    // Lower bits are better targets, and the list is in rising order.
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
        processor.simd_targets.emplace_back(hwy::TargetName(target));
    }
    return processor;
}

std::optional<SimdLevel> openblas_core_level(std::string_view core) {
    for (const auto& [name, level] : kCores) {
        if (name == core) return level;
    }
    return std::nullopt;
}

std::string openblas_core_warning(const std::string& core, std::optional<SimdLevel> processor,
                                  const std::string& forced) {
    const std::optional<SimdLevel> used = openblas_core_level(core);
    if (!used || !processor || *used >= *processor) return {};
    const std::string text =
        fmt::format("OpenBLAS uses its {} kernels ({}) and this processor has {}", core,
                    simd_level_name(*used), simd_level_name(*processor));
    if (!forced.empty()) {
        return text + fmt::format(": OPENBLAS_CORETYPE={} asks for that, unset it", forced);
    }
    return text + fmt::format(": it was not recognised, try OPENBLAS_CORETYPE={}",
                              *processor == SimdLevel::avx512 ? "SkylakeX"
                              : *processor == SimdLevel::avx2 ? "Haswell"
                                                              : "Sandybridge");
}

}  // namespace conv
