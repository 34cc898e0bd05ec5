#include "compare/memory_peak.hpp"

#include <malloc.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace conv {
namespace {

/// The bytes of a line "Name:   1234 kB" of a file under /proc.
std::optional<std::int64_t> proc_bytes(const char* path, const std::string& name) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(name + ":")) return std::stoll(line.substr(name.size() + 1)) * 1024;
    }
    return std::nullopt;
}

}  // namespace

MemoryPeak::MemoryPeak() {
    malloc_trim(0);  // what earlier runs freed would hide what the next one takes
    std::ofstream reset("/proc/self/clear_refs");
    reset << "5" << std::flush;  // 5: the peak becomes what is resident now
    if (reset) before_ = proc_bytes("/proc/self/status", "VmRSS");
}

std::optional<std::int64_t> MemoryPeak::growth() const {
    const auto peak = proc_bytes("/proc/self/status", "VmHWM");
    if (!before_ || !peak) return std::nullopt;
    return std::max<std::int64_t>(*peak - *before_, 0);
}

std::optional<std::int64_t> available_memory() {
    return proc_bytes("/proc/meminfo", "MemAvailable");
}

}  // namespace conv
