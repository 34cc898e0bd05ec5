// The whole way: a file, a filter chosen by the first bytes, a file. The job is made here and not
// from a command line, which fuzz_options has and which would take most of the time.
#include <array>
#include <string>

#include "base/error.hpp"
#include "filtering/filter_file.hpp"
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
constexpr std::size_t kChoices = 5;
constexpr std::int64_t kMostPixels = 4096;  // seeds have 117

template <std::size_t N>
std::string pick(const std::array<const char*, N>& words, std::uint8_t byte) {
    return words[byte % N];
}

conv::FilterOptions chosen_options(const std::uint8_t* choices) {
    conv::FilterOptions options;
    options.kernels = {pick(kKernels, choices[0])};
    options.border = pick(kBorders, choices[1]);
    options.border_given = true;
    options.method = pick(kMethods, choices[2]);
    options.stride = std::to_string(1 + choices[3] % 3);
    options.threads = 1;
    options.max_pixels = kMostPixels;
    return options;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size <= kChoices) return 0;
    const conv::fuzz::MemoryFile file(data + kChoices, size - kChoices);
    conv::WriteOptions write;
    write.threads = 1;
    try {
        const conv::FilterJob job(chosen_options(data), write);
        conv::filter_file({file.path(), pick(kOutputs, data[4])}, job);
    } catch (const conv::Error& error) {
        if (error.kind() == conv::ErrorKind::internal) throw;
    }
    return 0;
}
