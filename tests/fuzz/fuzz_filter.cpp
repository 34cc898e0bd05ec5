// The whole way: a file, a filter chosen by the first bytes, a file.
#include <array>
#include <sstream>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "cli.hpp"
#include "fuzz/memory_file.hpp"

namespace {

constexpr std::array kKernels = {"identity",         "box:size=5",   "sobel",
                                 "gaussian:sigma=4", "1 2 3; 4 5 6", "1/3 1/3 1/3"};
constexpr std::array kBorders = {"constant", "replicate", "reflect", "reflect101", "wrap"};
constexpr std::array kMethods = {"auto",      "naive",    "im2col", "gemm", "direct",
                                 "separable", "winograd", "igemm",  "fft"};
constexpr std::array kOutputs = {
    "png:/dev/null", "pnm:/dev/null",  "tif:/dev/null", "npy:/dev/null", "jpg:/dev/null",
    "pfm:/dev/null", "webp:/dev/null", "exr:/dev/null", "hdr:/dev/null", "bmp:/dev/null"};

template <std::size_t N>
std::string pick(const std::array<const char*, N>& words, std::uint8_t byte) {
    return words[byte % N];
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t kChoices = 5;
    if (size <= kChoices) return 0;
    const conv::fuzz::MemoryFile file(data + kChoices, size - kChoices);
    const std::vector<std::string> arguments = {"apply",        "-q",
                                                "--max-pixels", "65536",
                                                "--threads",    "1",
                                                "-k",           pick(kKernels, data[0]),
                                                "--border",     pick(kBorders, data[1]),
                                                "--method",     pick(kMethods, data[2]),
                                                "--stride",     std::to_string(1 + data[3] % 3),
                                                file.path(),    pick(kOutputs, data[4])};
    std::ostringstream out, err;
    const int code = conv::run_cli(arguments, out, err);
    if (code < 0 || code > 2) std::abort();
    return 0;
}
