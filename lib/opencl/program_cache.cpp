#include "opencl/program_cache.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>

#include "backend_interface.hpp"
#include "base/error.hpp"
#include "base/module.hpp"

namespace conv {

extern const char* const kDeviceCode;  ///< the .cl files, embedded by the build

namespace {

using Binary = std::vector<unsigned char>;

constexpr const char* kOptions = "-cl-std=CL1.2";

/// FNV-1a, 64 bits, continued from `hash`.
std::uint64_t hash_bytes(const void* data, std::size_t count,
                         std::uint64_t hash = 0xcbf29ce484222325U) {
    const auto* bytes = static_cast<const unsigned char*>(data);
    for (std::size_t i = 0; i < count; ++i) hash = (hash ^ bytes[i]) * 0x100000001b3U;
    return hash;
}

/// What a compiled program belongs to: device, driver, source and this build.
std::uint64_t program_key(const cl::Device& device) {
    const cl::Platform platform(device.getInfo<CL_DEVICE_PLATFORM>());
    std::string key;
    for (const std::string& part :
         {platform.getInfo<CL_PLATFORM_NAME>(), platform.getInfo<CL_PLATFORM_VERSION>(),
          device.getInfo<CL_DEVICE_VENDOR>(), device.getInfo<CL_DEVICE_NAME>(),
          device.getInfo<CL_DEVICE_VERSION>(), device.getInfo<CL_DRIVER_VERSION>(),
          std::string(kOptions), std::string(kDeviceCode), std::string(kBackendInterface)}) {
        key += part + '\0';
    }
    return hash_bytes(key.data(), key.size());
}

/// One device's file in the cache: a hash over key and binary, so that neither a damaged file nor
/// one of another program reaches the driver, then the binary.
struct CacheFile {
    std::filesystem::path path;
    std::uint64_t key;

    std::optional<Binary> read() const;
    void write(const Binary& binary) const;
    std::uint64_t check(const Binary& binary) const {
        return hash_bytes(binary.data(), binary.size(), key);
    }
};

std::optional<Binary> CacheFile::read() const {
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return std::nullopt;
    close(fd);
    const std::string reason = distrust(path);
    if (!reason.empty()) {
        fail(ErrorKind::device, "the cached device program {} is not loaded: {}, or remove it",
             path.string(), reason);
    }
    std::ifstream file(path, std::ios::binary);
    std::uint64_t hash = 0;
    if (!file.read(reinterpret_cast<char*>(&hash), sizeof(hash))) return std::nullopt;
    const Binary binary{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (binary.empty() || check(binary) != hash) return std::nullopt;
    return binary;
}

bool write_fully(int fd, const void* data, std::size_t count) {
    const auto* bytes = static_cast<const unsigned char*>(data);
    while (count > 0) {
        const ssize_t done = ::write(fd, bytes, count);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return false;
        bytes += done;
        count -= static_cast<std::size_t>(done);
    }
    return true;
}

/// Written under another name and renamed, so that a reader sees all of it or none; for the user
/// alone. A failure only costs the next run its time.
void CacheFile::write(const Binary& binary) const {
    const std::filesystem::path folder = path.parent_path();
    std::error_code ignored;
    std::filesystem::create_directories(folder.parent_path(), ignored);
    mkdir(folder.c_str(), 0700);
    chmod(folder.c_str(), 0700);  // one of an earlier version, where it is the user's
    const std::filesystem::path pending = path.string() + fmt::format(".{}", getpid());
    const int fd =
        open(pending.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) return;
    const std::uint64_t hash = check(binary);
    bool done =
        write_fully(fd, &hash, sizeof(hash)) && write_fully(fd, binary.data(), binary.size());
    done = close(fd) == 0 && done;
    if (!done || rename(pending.c_str(), path.c_str()) != 0) unlink(pending.c_str());
}

std::optional<cl::Program> cached_program(const cl::Context& context, const cl::Device& device,
                                          const CacheFile& file) {
    const auto binary = file.read();
    if (!binary) return std::nullopt;
    try {
        cl::Program program(context, {device}, {*binary});
        program.build({device}, kOptions);
        return program;
    } catch (const cl::Error&) {
        return std::nullopt;  // another driver's after all: compiled afresh
    }
}

/// The last lines say what is wrong; all on one line.
std::string log_line(std::string log) {
    constexpr std::size_t kMostCharacters = 2000;
    if (log.size() > kMostCharacters) log.erase(0, log.size() - kMostCharacters);
    for (char& c : log) {
        if (static_cast<unsigned char>(c) < ' ') c = ' ';
    }
    return log;
}

/// What the driver says of a build that failed; nothing where it fails to.
std::string build_log(const cl::Program& program, const cl::Device& device) {
    try {
        return log_line(program.getBuildInfo<CL_PROGRAM_BUILD_LOG>(device));
    } catch (const cl::Error&) {
        return "there is none";
    }
}

cl::Program compile(const cl::Context& context, const cl::Device& device) {
    cl::Program program(context, std::string(kDeviceCode));
    try {
        program.build({device}, kOptions);
    } catch (const cl::Error& error) {
        fail(ErrorKind::device,
             "the device code does not compile on '{}' (OpenCL error {}), use --device cpu; the "
             "driver's log: {}",
             device.getInfo<CL_DEVICE_NAME>().c_str(), error.err(), build_log(program, device));
    }
    return program;
}

}  // namespace

cl::Program build_program(const cl::Context& context, const cl::Device& device,
                          const std::string& directory) {
    if (directory.empty()) return compile(context, device);
    const std::uint64_t key = program_key(device);
    const CacheFile file{std::filesystem::path(directory) / fmt::format("opencl-{:016x}.bin", key),
                         key};
    if (auto cached = cached_program(context, device, file)) return *cached;
    cl::Program program = compile(context, device);
    const auto binaries = program.getInfo<CL_PROGRAM_BINARIES>();
    if (!binaries.empty() && !binaries.front().empty()) file.write(binaries.front());
    return program;
}

}  // namespace conv
