#include "files/output/temporary_name.hpp"

#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cstdlib>

#include <array>
#include <charconv>
#include <cstdint>

namespace conv {
namespace {

constexpr std::string_view kStart = ".conv-cli-", kEnd = ".tmp";
constexpr std::size_t kRandomDigits = 16;

std::string host_name() {
    constexpr std::size_t kMost = 64;  // of 255 bytes that a file name may have
    std::array<char, kMost + 1> name{};
    if (gethostname(name.data(), kMost) != 0) return "host";
    std::string host = name.data();
    for (char& c : host) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
        if (!plain) c = '_';
    }
    return host.empty() ? "host" : host;
}

/// Containers that share a host's name number their processes apart: each has a number of its own,
/// which comes behind the name. Empty outside of containers.
std::string container_mark() {
    struct stat status = {};
    constexpr ino_t kOfTheHost = 0xEFFFFFFC;  // PROC_PID_INIT_INO of linux/proc_ns.h
    if (stat("/proc/self/ns/pid", &status) != 0 || status.st_ino == kOfTheHost) return {};
    return fmt::format(".{}", status.st_ino);
}

std::uint64_t random_number() {
    std::uint64_t number = 0;
    static std::uint64_t count = 0;
    if (getrandom(&number, sizeof number, GRND_NONBLOCK) != sizeof number) number = ++count;
    return number;
}

}  // namespace

TemporaryOwner this_temporary_owner() {
    static const std::string host = host_name() + container_mark();
    return {host, getpid()};
}

std::string make_temporary_name() {
    const TemporaryOwner owner = this_temporary_owner();
    return fmt::format("{}{}-{}-{:0{}x}{}", kStart, owner.host, owner.process, random_number(),
                       kRandomDigits, kEnd);
}

std::string temporary_folder() {
    const char* folder = std::getenv("TMPDIR");
    return folder != nullptr && *folder != '\0' ? folder : "/tmp";
}

std::optional<TemporaryOwner> temporary_owner(std::string_view name) {
    if (!name.starts_with(kStart) || !name.ends_with(kEnd)) return std::nullopt;
    name.remove_prefix(kStart.size());
    name.remove_suffix(kEnd.size());
    if (name.size() <= kRandomDigits || name[name.size() - kRandomDigits - 1] != '-') {
        return std::nullopt;
    }
    name.remove_suffix(kRandomDigits + 1);
    const std::size_t dash = name.rfind('-');  // hosts may hold others
    if (dash == name.npos || dash == 0) return std::nullopt;
    TemporaryOwner owner{std::string(name.substr(0, dash)), 0};
    const char* end = name.data() + name.size();
    const auto [at, error] = std::from_chars(name.data() + dash + 1, end, owner.process);
    if (error != std::errc() || at != end || owner.process <= 0) return std::nullopt;
    return owner;
}

}  // namespace conv
