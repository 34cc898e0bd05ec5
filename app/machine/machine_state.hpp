#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "tuning/machine_limits.hpp"

namespace conv {

/// What this machine leaves the process now: what measured times depend on.
struct MachineState {
    std::string processor;  ///< its name
    int cores = 1;          ///< of the machine
    int allowed_cores = 1;  ///< that this process may use
    /// Cores' worth of time that control groups allow; nothing: as much as there is.
    std::optional<double> quota;
    std::optional<double> load;           ///< runnable processes, mean of the last minute
    std::optional<MachineLimits> limits;  ///< nothing where there was no memory to measure them
};

/// Takes about 0.2 s, for the limits of `threads` threads.
MachineState machine_state(int threads);

/// The quota of this process and of the groups around it, the smallest, as Linux tells it in files
/// under `root`: cpu.max (version 2), cpu.cfs_quota_us (version 1).
std::optional<double> cpu_quota(const std::filesystem::path& root = "/");

/// Two lines for people, without the last line feed.
std::string machine_text(const MachineState& state);

/// The same as JSON; absent is what is unknown or unlimited.
nlohmann::ordered_json machine_json(const MachineState& state);

}  // namespace conv
