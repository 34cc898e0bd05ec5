#include "modules/openblas_environment.hpp"

#include <cstdlib>

namespace conv {
namespace {

/// SkylakeX and Haswell have the sgemm kernels that later cores with the same instructions use too.
std::string core_of_processor() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
        return "SkylakeX";
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "Haswell";
#endif
    return {};
}

}  // namespace

std::string openblas_core_wanted() {
    const char* given = std::getenv("OPENBLAS_CORETYPE");
    return given && *given ? given : core_of_processor();
}

void set_openblas_environment() {
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    const std::string core = openblas_core_wanted();
    if (!core.empty()) setenv("OPENBLAS_CORETYPE", core.c_str(), 1);
}

}  // namespace conv
