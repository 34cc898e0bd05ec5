#include "support/test_devices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string_view>

namespace conv::test {
namespace {

bool processor_alone = false;

}  // namespace

const Devices& test_devices() {
    static const Devices devices =
        open_devices(processor_alone ? std::vector<std::string>() : backend_names(),
                     {.cache_directory =
                          (std::filesystem::temp_directory_path() / "conv-tests-cache").string()});
    return devices;
}

bool lacks_its_library(const Method& method) {
    const Problem one = parse_problem("n1c1h1w1_k1r1s1");
    const std::vector<float> weight = {1};
    const std::string rejection = method.offer(one, {weight, {}}).rejection;
    return rejection.find("which is not there") != std::string::npos ||
           rejection.starts_with("this build has no ");
}

bool check_required_devices(int argc, char** argv) {
    processor_alone =
        std::any_of(argv, argv + argc, [](std::string_view x) { return x == "--processor-alone"; });
    const Devices& devices = test_devices();
    for (const AbsentDevice& device : devices.absent) {
        fmt::print(stderr, "skipped: device {}: {}\n", device.name, device.reason);
    }
    bool complete = true;
    for (int i = 1; i + 1 < argc; ++i) {
        if (std::string_view(argv[i]) != "--require-device") continue;
        const std::string wanted = argv[i + 1];
        const bool found =
            std::any_of(devices.found.begin(), devices.found.end(), [&](const Device& device) {
                return device.name == wanted || device.name.starts_with(wanted + ":");
            });
        if (!found) fmt::print(stderr, "required device {} is not there\n", wanted);
        complete = complete && found;
    }
    return complete;
}

}  // namespace conv::test
