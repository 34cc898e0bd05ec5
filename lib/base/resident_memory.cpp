#include "base/resident_memory.hpp"

#include <malloc.h>

#include <fstream>
#include <string>

#include "base/error.hpp"
#include "base/size.hpp"

namespace conv {
namespace {

/// The bytes of a line "Name:   1234 kB" of /proc/self/status.
std::int64_t status_bytes(const std::string& name) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(name + ":")) return std::stoll(line.substr(name.size() + 1)) * 1024;
    }
    return 0;
}

}  // namespace

std::int64_t resident_bytes() {
    return status_bytes("VmRSS");
}

std::int64_t peak_resident_bytes() {
    return status_bytes("VmHWM");
}

void require_memory(const std::string& work, std::int64_t bytes, std::optional<std::int64_t> most) {
    if (!most) return;
    const std::int64_t base = base_memory_bytes();
    if (base + bytes <= *most) return;
    fail(ErrorKind::memory, "{} needs {} beside {} in use, --max-memory is {}, use more", work,
         format_bytes(bytes), format_bytes(base), format_bytes(*most));
}

void release_freed_memory() {
    malloc_trim(0);
}

std::int64_t base_memory_bytes() {
    constexpr std::int64_t kRoundings = std::int64_t{6} << 20;
    return resident_bytes() + kRoundings;
}

}  // namespace conv
