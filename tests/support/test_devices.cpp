#include "support/test_devices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string_view>

namespace conv::testing {

const Devices& test_devices() {
    static const Devices devices =
        open_devices(backend_names(),
                     {.cache_directory =
                          (std::filesystem::temp_directory_path() / "conv-tests-cache").string()});
    return devices;
}

bool check_required_devices(int argc, char** argv) {
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

}  // namespace conv::testing
