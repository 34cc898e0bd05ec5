#include "cpu/cpu_device.hpp"

#include "cpu/direct/direct.hpp"
#include "cpu/fft/fft.hpp"
#include "cpu/fft/tile_fft.hpp"
#include "cpu/gemm/gemm.hpp"
#include "cpu/igemm/igemm.hpp"
#include "cpu/im2col.hpp"
#include "cpu/naive.hpp"
#include "cpu/separable/separable.hpp"
#include "cpu/sliding/sliding.hpp"
#include "cpu/winograd/winograd.hpp"

namespace conv {

Device cpu_device() {
    return {.name = "cpu",
            .description = "this machine's processor",
            .methods = {
                naive_method(),
                im2col_method(),
                gemm_method(),
                direct_method(),
                separable_method(),
                winograd_method(),
                igemm_method(),
                fft_method(),
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
