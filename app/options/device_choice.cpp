#include "options/device_choice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "conv/device_planner.hpp"
#include "conv/shared_device.hpp"
#include "cpu/cpu_device.hpp"
#include "machine/cache_directory.hpp"
#include "machine/profile_file.hpp"
#include "options/device_words.hpp"
#include "profiled_devices.hpp"

namespace conv {
namespace {

Devices open_backends(const std::vector<std::string>& names, const MachineProfile& profile) {
    return open_devices(names, {.cache_directory = cache_directory()}, profile);
}

/// "opencl" and "opencl:0" to "opencl:0"; empty for another word.
std::string full_name(const std::string& word, const std::string& backend) {
    if (word == backend) return word + ":0";
    if (!word.starts_with(backend + ":")) return {};
    const std::string number = word.substr(backend.size() + 1);
    const bool digits = !number.empty() && number.size() <= 4 &&
                        std::all_of(number.begin(), number.end(),
                                    [](unsigned char c) { return c >= '0' && c <= '9'; });
    return digits ? fmt::format("{}:{}", backend, std::stoi(number)) : std::string();
}

std::string absences(const Devices& devices) {
    std::string text;
    for (const AbsentDevice& absent : devices.absent) {
        text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", absent.name, absent.reason);
    }
    return text;
}

[[noreturn]] void fail_missing(const std::string& name) {
    const Devices all = open_all_devices();
    std::string there;
    for (const Device& device : all.found) {
        there += fmt::format("{}{}", there.empty() ? "" : ", ", device.name);
    }
    const std::string reasons = absences(all);
    fail(ErrorKind::device, "--device {} is not there, use one of {}, auto{}{}", name, there,
         reasons.empty() ? "" : "; ", reasons);
}

}  // namespace

Devices open_all_devices() {
    return open_backends(backend_names(), stored_profile().profile);
}

DeviceChoice::DeviceChoice(const std::string& word, bool approximate) {
    choose(word);
    if (!approximate) return;
    std::vector<Method>& methods = opened_.found.front().methods;
    for (Method& method : approximate_methods()) methods.push_back(std::move(method));
}

void DeviceChoice::choose(const std::string& word) {
    const LoadedProfile loaded = stored_profile();
    note_ = loaded.note;
    if (word == "auto") {
        opened_ = open_backends(backend_names(), loaded.profile);
        chosen_ = opened_.found;
        if (opened_.found.size() == 1) {
            if (!note_.empty()) note_ += "; ";
            note_ +=
                fmt::format("device: cpu, --device auto found no other ({})", absences(opened_));
        }
        return;
    }
    if (word == "cpu") {
        opened_ = open_backends({}, loaded.profile);
        chosen_ = opened_.found;
        return;
    }
    for (const std::string& backend : backend_names()) {
        const bool all = word == backend + ":all";
        const std::string name = full_name(word, backend);
        if (name.empty() && !all) continue;
        opened_ = open_backends({backend}, loaded.profile);
        if (all) return take_all(backend);
        const Device* device = find_device(opened_.found, name);
        if (device == nullptr) fail_missing(name);
        chosen_ = {device, 1};
        return;
    }
    fail(ErrorKind::usage, "--device '{}' is unknown, use {}", word, device_words());
}

void DeviceChoice::take_all(const std::string& backend) {
    const auto devices = std::span(std::as_const(opened_).found).subspan(1);
    if (devices.empty()) fail_missing(backend + ":all");
    chosen_ = devices;
    if (devices.size() == 1) return;
    shared_.push_back(share_devices(backend + ":all", devices));
    chosen_ = shared_;
}

}  // namespace conv
