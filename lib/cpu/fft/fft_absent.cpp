#include "cpu/fft/fft.hpp"

// What stands for the wing in a build without FFTW: the method has its name, and says why it
// cannot.
namespace conv {

Method fft_method(const MachineProfile&) {
    return {.name = "fft",
            .summary = "Fourier transforms of overlapping tiles: not in this build",
            .offer = [](const Problem&, const Weights&) {
                return refuse("this build has no FFTW, CONV_WITH_GPL and CONV_WITH_FFTW add it");
            }};
}

}  // namespace conv
