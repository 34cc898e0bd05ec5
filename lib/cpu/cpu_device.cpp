#include "cpu/cpu_device.hpp"

#include "cpu/direct/direct.hpp"
#include "cpu/fft/fft.hpp"
#include "cpu/fft/tile_fft.hpp"
#include "cpu/gemm/gemm.hpp"
#include "cpu/igemm/igemm.hpp"
#include "cpu/im2col.hpp"
#include "cpu/naive.hpp"
#include "cpu/profiled_device.hpp"
#include "cpu/separable/separable.hpp"
#include "cpu/sliding/sliding.hpp"
#include "cpu/winograd/winograd.hpp"

namespace conv {

Device cpu_device() {
    return cpu_device(builtin_profile());
}

Device cpu_device(const MachineProfile& profile) {
    return {.name = "cpu",
            .description = "this machine's processor",
            .methods = {
                naive_method(profile),
                im2col_method(profile),
                gemm_method(profile),
                direct_method(profile),
                separable_method(profile),
                winograd_method(profile),
                igemm_method(profile),
                fft_method(profile),
            }};
}

std::vector<Method> approximate_methods() {
    return {sliding_method()};
}

std::string fft_library() {
#if CONV_WITH_FFTW
    return fftw_version_text();
#else
    return {};
#endif
}

}  // namespace conv
