#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conv {

/// The vector instructions that matter to sgemm, in rising order.
enum class SimdLevel { sse, avx, avx2, avx512 };

const char* simd_level_name(SimdLevel level);

/// The machine this process runs on.
struct Processor {
    std::string name;                       ///< "Intel(R) Xeon(R) ...", or "unknown"
    int usable_threads = 1;                 ///< by the process's CPU affinity
    std::int64_t memory_bytes = 0;          ///< installed; 0: unknown
    std::optional<SimdLevel> level;         ///< of an x86 processor
    std::vector<std::string> simd_targets;  ///< Highway's, that run here, the one used first
};

Processor this_processor();

/// What the kernels of an OpenBLAS core need; nothing for a name that is not known.
std::optional<SimdLevel> openblas_core_level(std::string_view core);

/// One line when OpenBLAS uses weaker kernels than the processor could run, else empty. `forced` is
/// the value of OPENBLAS_CORETYPE, empty where it is not set.
std::string openblas_core_warning(const std::string& core, std::optional<SimdLevel> processor,
                                  const std::string& forced);

}  // namespace conv
