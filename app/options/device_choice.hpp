#pragma once

#include <span>
#include <string>
#include <vector>

#include "devices.hpp"

namespace conv {

/// What --device asks for: the devices that may be used, and what people should know of them.
class DeviceChoice {
public:
    /// `word` is cpu, opencl[:n], cuda[:n], auto, or opencl:all or cuda:all, which are all devices
    /// of the backend as one that shares its work among them; only the backends that it names are
    /// loaded. With `approximate` the processor has its approximate methods too.
    /// Throws Error{usage} for another word, Error{device} that lists what is there when the device
    /// is missing.
    explicit DeviceChoice(const std::string& word, bool approximate = false);

    /// One device; with auto, all there are, the processor first.
    std::span<const Device> devices() const { return chosen_; }
    /// Always the processor: what --verify compares with.
    const Device& processor() const { return opened_.found.front(); }
    /// "auto" found nothing but the processor: one line that says so and why, else empty.
    const std::string& note() const { return note_; }

private:
    void choose(const std::string& word);
    void take_all(const std::string& backend);

    Devices opened_;
    std::vector<Device> shared_;  ///< of opened_; one or none
    std::span<const Device> chosen_;
    std::string note_;
};

/// Everything that this build and machine have, all backends loaded.
Devices open_all_devices();

}  // namespace conv
