#include "files/output/abandoned_files.hpp"

#include <fmt/format.h>
#include <sys/types.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>

#include "files/file_bytes.hpp"
#include "files/output/temporary_name.hpp"

namespace conv {
namespace {

namespace fs = std::filesystem;

bool is_abandoned(const fs::directory_entry& file) {
    const auto owner = temporary_owner(file.path().filename().string());
    if (!owner) return false;
    if (owner->host == this_temporary_owner().host)
        return kill(static_cast<pid_t>(owner->process), 0) != 0 && errno == ESRCH;
    constexpr auto kLongest = std::chrono::hours(24);
    std::error_code error;
    const auto changed = file.last_write_time(error);
    return !error && fs::file_time_type::clock::now() - changed > kLongest;
}

}  // namespace

std::vector<std::string> remove_abandoned_files(const std::string& folder) {
    std::vector<std::string> removed;
    std::error_code error;
    fs::directory_iterator entries(folder.empty() ? "." : folder, error);
    for (const fs::directory_iterator end; !error && entries != end; entries.increment(error)) {
        std::error_code ignored;
        if (!is_abandoned(*entries) || !fs::remove(entries->path(), ignored)) continue;
        removed.push_back(display_name((fs::path(folder) / entries->path().filename()).string()));
    }
    if (removed.empty()) return {};
    return {fmt::format("removed what killed runs had left: {}", fmt::join(removed, ", "))};
}

}  // namespace conv
