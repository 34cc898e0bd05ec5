#include "machine/profile_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.hpp"
#include "cpu/tile/builtin_profile.hpp"
#include "machine/cache_directory.hpp"
#include "machine/processor.hpp"

namespace conv {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSchema = "conv-cli/profile/1";

std::atomic<int> builtin_only = 0;

/// FNV-1a.
std::uint64_t hash_of(const std::string& text) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return hash;
}

Json profile_json(const MachineKey& machine, const MachineProfile& profile) {
    Json json{{"schema", kSchema},
              {"processor", machine.processor},
              {"code_paths", machine.code_paths},
              {"seconds", Json::object()}};
    for (std::size_t i = 0; i < kStepCount; ++i) {
        json["seconds"][std::string(step_name(static_cast<Step>(i)))] = profile.rates[i];
    }
    return json;
}

/// No step takes less than a tenth of a clock cycle or more than a millisecond.
bool believable(double seconds) {
    return std::isfinite(seconds) && seconds >= 1e-14 && seconds <= 1e-3;
}

std::optional<MachineProfile> profile_of(const Json& json) {
    MachineProfile profile;
    for (std::size_t i = 0; i < kStepCount; ++i) {
        const std::string name(step_name(static_cast<Step>(i)));
        const auto& seconds = json.at("seconds").at(name);
        if (!seconds.is_number() || !believable(seconds.get<double>())) return std::nullopt;
        profile.rates[i] = seconds.get<double>();
    }
    profile.measured = true;
    return profile;
}

[[noreturn]] void fail_to_store(const std::string& path) {
    fail(ErrorKind::input, "{}: cannot be written, {}, set XDG_CACHE_HOME to a folder of yours",
         path, std::strerror(errno));
}

void write_whole(int file, const std::string& text, const std::string& path) {
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t written = write(file, text.data() + done, text.size() - done);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail_to_store(path);
        done += static_cast<std::size_t>(written);
    }
}

}  // namespace

MachineKey this_machine() {
    return {this_processor().name, profile_code_paths()};
}

std::string profile_path(const std::string& directory, const MachineKey& machine) {
    return fmt::format("{}/profile-{:016x}.json", directory,
                       hash_of(machine.processor + '\n' + machine.code_paths));
}

void store_profile(const std::string& path, const MachineKey& machine,
                   const MachineProfile& profile) {
    const std::filesystem::path target(path);
    std::error_code ignored;
    std::filesystem::create_directories(target.parent_path(), ignored);
    const std::string temporary = fmt::format("{}.{}.new", path, getpid());
    unlink(temporary.c_str());
    const int file = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) fail_to_store(path);
    try {
        write_whole(file, profile_json(machine, profile).dump(2) + '\n', path);
        if (fsync(file) != 0) fail_to_store(path);
        if (rename(temporary.c_str(), path.c_str()) != 0) fail_to_store(path);
    } catch (...) {
        close(file);
        unlink(temporary.c_str());
        throw;
    }
    close(file);
}

LoadedProfile load_profile(const std::string& path, const MachineKey& machine) {
    std::ifstream file(path);
    if (!file) return {builtin_profile(), {}};
    const std::string damaged = fmt::format("profile: {} is damaged and ignored, run tune", path);
    try {
        const Json json = Json::parse(file);
        const MachineKey key{json.at("processor").get<std::string>(),
                             json.at("code_paths").get<std::string>()};
        if (json.at("schema") != kSchema) return {builtin_profile(), damaged};
        if (key != machine) {
            return {builtin_profile(), fmt::format("profile: {} is of another machine ({}, {}) and "
                                                   "ignored, run tune",
                                                   path, key.processor, key.code_paths)};
        }
        std::optional<MachineProfile> profile = profile_of(json);
        if (!profile) return {builtin_profile(), damaged};
        profile->machine = key.processor;
        return {*profile, {}};
    } catch (const Json::exception&) {
        return {builtin_profile(), damaged};
    }
}

BuiltinProfileOnly::BuiltinProfileOnly() {
    ++builtin_only;
}

BuiltinProfileOnly::~BuiltinProfileOnly() {
    --builtin_only;
}

LoadedProfile stored_profile() {
    const std::string directory = cache_directory();
    if (directory.empty() || builtin_only > 0) return {builtin_profile(), {}};
    const MachineKey machine = this_machine();
    return load_profile(profile_path(directory, machine), machine);
}

}  // namespace conv
