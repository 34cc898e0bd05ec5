#include "opencl/program_cache.hpp"

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

#include "base/error.hpp"

namespace conv {

extern const char* const kDeviceCode;  ///< the .cl files, embedded by the build

namespace {

using Binary = std::vector<unsigned char>;

constexpr const char* kOptions = "-cl-std=CL1.2";

/// FNV-1a, 64 bits.
std::uint64_t hash_bytes(const void* data, std::size_t count) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    const auto* bytes = static_cast<const unsigned char*>(data);
    for (std::size_t i = 0; i < count; ++i) hash = (hash ^ bytes[i]) * 0x100000001b3U;
    return hash;
}

/// The file for this device, driver and source.
std::filesystem::path cache_file(const cl::Device& device, const std::string& directory) {
    const cl::Platform platform(device.getInfo<CL_DEVICE_PLATFORM>());
    std::string key;
    for (const std::string& part :
         {platform.getInfo<CL_PLATFORM_NAME>(), platform.getInfo<CL_PLATFORM_VERSION>(),
          device.getInfo<CL_DEVICE_VENDOR>(), device.getInfo<CL_DEVICE_NAME>(),
          device.getInfo<CL_DEVICE_VERSION>(), device.getInfo<CL_DRIVER_VERSION>(),
          std::string(kOptions), std::string(kDeviceCode)}) {
        key += part + '\0';
    }
    return std::filesystem::path(directory) /
           fmt::format("opencl-{:016x}.bin", hash_bytes(key.data(), key.size()));
}

/// The file's binary: its hash first, so that a damaged file never reaches the driver.
std::optional<Binary> read_binary(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::uint64_t hash = 0;
    if (!file.read(reinterpret_cast<char*>(&hash), sizeof(hash))) return std::nullopt;
    const Binary binary{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (binary.empty() || hash_bytes(binary.data(), binary.size()) != hash) return std::nullopt;
    return binary;
}

/// Written under another name and renamed, so that a reader sees all of it or none.
void write_binary(const std::filesystem::path& path, const Binary& binary) {
    std::error_code ignored;
    std::filesystem::create_directories(path.parent_path(), ignored);
    const std::filesystem::path pending = path.string() + fmt::format(".{}", ::getpid());
    const std::uint64_t hash = hash_bytes(binary.data(), binary.size());
    std::ofstream file(pending, std::ios::binary);
    file.write(reinterpret_cast<const char*>(&hash), sizeof(hash));
    file.write(reinterpret_cast<const char*>(binary.data()),
               static_cast<std::streamsize>(binary.size()));
    file.close();
    if (file) std::filesystem::rename(pending, path, ignored);
    if (!file || ignored) std::filesystem::remove(pending, ignored);
}

std::optional<cl::Program> cached_program(const cl::Context& context, const cl::Device& device,
                                          const std::filesystem::path& path) {
    const auto binary = read_binary(path);
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

cl::Program compile(const cl::Context& context, const cl::Device& device) {
    cl::Program program(context, std::string(kDeviceCode));
    try {
        program.build({device}, kOptions);
    } catch (const cl::Error& error) {
        fail(ErrorKind::device,
             "the device code does not compile on '{}' (OpenCL error {}), use --device cpu; the "
             "driver's log: {}",
             device.getInfo<CL_DEVICE_NAME>().c_str(), error.err(),
             log_line(program.getBuildInfo<CL_PROGRAM_BUILD_LOG>(device)));
    }
    return program;
}

}  // namespace

cl::Program build_program(const cl::Context& context, const cl::Device& device,
                          const std::string& directory) {
    if (directory.empty()) return compile(context, device);
    const std::filesystem::path path = cache_file(device, directory);
    if (auto cached = cached_program(context, device, path)) return *cached;
    cl::Program program = compile(context, device);
    const auto binaries = program.getInfo<CL_PROGRAM_BINARIES>();
    if (!binaries.empty() && !binaries.front().empty()) write_binary(path, binaries.front());
    return program;
}

}  // namespace conv
