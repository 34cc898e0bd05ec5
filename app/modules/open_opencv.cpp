#include <cstdlib>
#include <cstring>
#include <string>

#include "base/error.hpp"
#include "modules/opencv_functions.hpp"
#include "modules/program_module.hpp"

namespace conv {
namespace {

/// OpenCV reads these while it is loaded and throws where they are no numbers.
void check_environment() {
    for (const char* name : {"OPENCV_IO_MAX_IMAGE_PIXELS", "OPENCV_IO_MAX_IMAGE_WIDTH",
                             "OPENCV_IO_MAX_IMAGE_HEIGHT"}) {
        const char* value = std::getenv(name);
        if (value == nullptr) continue;
        const std::string unit(value + std::strspn(value, "0123456789"));
        const bool number = *value >= '0' && *value <= '9';
        if (number && (unit.empty() || unit == "KB" || unit == "MB")) continue;
        fail(ErrorKind::device, "{} is '{}', which is no number, and OpenCV needs one: unset it",
             name, value);
    }
}

}  // namespace

const OpencvFunctions& opencv() {
    static const auto* functions = [] {
        check_environment();
        // Debian's OpenCV reads OpenEXR files, other builds only when asked before first use.
        setenv("OPENCV_IO_ENABLE_OPENEXR", "1", 1);
        constexpr std::int64_t kAddressBytes = std::int64_t{256} << 20;  // measured: 223 MiB
        return static_cast<const OpencvFunctions*>(open_program_module(
            {"conv_opencv.so", CONV_OPENCV_INTERFACE, "OpenCV", "conv-cli-opencv", kAddressBytes}));
    }();
    return *functions;
}

}  // namespace conv
