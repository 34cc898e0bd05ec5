#include "machine/machine_state.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "machine/processor.hpp"

namespace conv {
namespace {

namespace fs = std::filesystem;

/// The quota that one group states; nothing where it has none.
std::optional<double> group_quota(const fs::path& group) {
    double quota = -1, period = 0;
    std::ifstream both(group / "cpu.max");  // "150000 100000" or "max 100000"
    if (!(both >> quota >> period)) {
        std::ifstream(group / "cpu.cfs_quota_us") >> quota;  // -1: none
        std::ifstream(group / "cpu.cfs_period_us") >> period;
    }
    if (quota <= 0 || period <= 0) return std::nullopt;
    return quota / period;
}

/// The folder of the groups that a line "ID:CONTROLLERS:GROUP" of /proc/self/cgroup is about; empty
/// where they do not divide processor time.
fs::path hierarchy(const fs::path& mounts, const std::string& controllers) {
    if (controllers.empty()) return mounts;  // version 2
    if (("," + controllers + ",").find(",cpu,") == std::string::npos) return {};
    return mounts / controllers;
}

std::optional<double> load_average() {
    double load = 0;
    if (getloadavg(&load, 1) != 1) return std::nullopt;
    return load;
}

std::optional<MachineLimits> limits_of(int threads) {
    try {
        return measure_limits(threads);
    } catch (const Error&) {
        return std::nullopt;
    }
}

}  // namespace

std::optional<double> cpu_quota(const fs::path& root) {
    std::optional<double> least;
    std::ifstream groups(root / "proc/self/cgroup");
    for (std::string line; std::getline(groups, line);) {
        const std::size_t first = line.find(':'), second = line.find(':', first + 1);
        if (second == std::string::npos) continue;
        const fs::path top =
            hierarchy(root / "sys/fs/cgroup", line.substr(first + 1, second - first - 1));
        if (top.empty()) continue;
        fs::path group = fs::path(line.substr(second + 1)).relative_path();
        for (;; group = group.parent_path()) {
            const std::optional<double> quota = group_quota(top / group);
            if (quota) least = std::min(least.value_or(*quota), *quota);
            if (group.empty()) break;
        }
    }
    return least;
}

MachineState machine_state(int threads) {
    const std::optional<double> load = load_average();  // before the measurement adds to it
    const Processor processor = this_processor();
    const auto cores = std::max<long>(sysconf(_SC_NPROCESSORS_ONLN), processor.usable_threads);
    return {processor.name, static_cast<int>(cores), processor.usable_threads, cpu_quota(),
            load,           limits_of(threads)};
}

std::string machine_text(const MachineState& s) {
    std::string text =
        fmt::format("{}, {} of {} cores allowed", s.processor, s.allowed_cores, s.cores);
    if (s.quota) text += fmt::format(", quota of {:.3g} cores", *s.quota);
    text += s.load ? fmt::format(", load {:.1f}", *s.load) : ", load unknown";
    if (!s.limits) return text + "\nlimits not measured: there is no memory for it";
    return text + fmt::format("\nlimits, just measured with {}: {:.3g} GMAC/s, {:.3g} GB/s copied",
                              s.limits->threads == 1 ? "1 thread"
                                                     : fmt::format("{} threads", s.limits->threads),
                              s.limits->macs_per_second * 1e-9,
                              s.limits->copied_bytes_per_second * 1e-9);
}

nlohmann::ordered_json machine_json(const MachineState& s) {
    nlohmann::ordered_json json{{"cores", s.cores}, {"allowed_cores", s.allowed_cores}};
    if (s.quota) json["quota_cores"] = *s.quota;
    if (s.load) json["load"] = *s.load;
    if (s.limits) {
        json["limit_threads"] = s.limits->threads;
        json["limit_gigamacs_per_second"] = s.limits->macs_per_second * 1e-9;
        json["limit_copied_bytes_per_second"] = s.limits->copied_bytes_per_second;
    }
    return json;
}

}  // namespace conv
