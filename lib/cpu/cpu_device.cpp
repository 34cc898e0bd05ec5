#include "cpu/cpu_device.hpp"

#include "cpu/direct.hpp"
#include "cpu/fft.hpp"
#include "cpu/gemm.hpp"
#include "cpu/im2col.hpp"
#include "cpu/naive.hpp"
#include "cpu/separable.hpp"
#include "cpu/winograd.hpp"
#include "fft/tile_fft.hpp"

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
#if CONV_WITH_FFTW
                fft_method(),
#endif
            }};
}

std::string fft_library() {
#if CONV_WITH_FFTW
    return fftw_version_text();
#else
    return {};
#endif
}

}  // namespace conv
