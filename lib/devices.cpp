#include "devices.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "backend_interface.hpp"
#include "cpu/cpu_device.hpp"

namespace conv {
namespace {

struct Backend {
    const char* name;    ///< the word of --device
    const char* module;  ///< its file
    const char* title;
};

constexpr std::array kBackends = {
    Backend{"opencl", "conv_opencl.so", "OpenCL"},
    Backend{"cuda", "conv_cuda.so", "CUDA"},
};

/// The module's file, or an empty path.
std::filesystem::path find_module(const char* file) {
    std::error_code ignored;
    const auto folder = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
    for (const auto& place : {folder / "../lib/conv-cli", folder / "lib/conv-cli"}) {
        if (std::filesystem::exists(place / file, ignored)) return place / file;
    }
    return {};
}

/// Opens the backend in a child process and throws the result away: a driver that ends the process
/// where it finds no memory or no processor must not take the program along. Returns what went
/// wrong, or nothing.
std::string try_in_child(OpenBackend open, const BackendSettings& settings, const char* title) {
    constexpr unsigned kLongestSeconds = 60;
    const pid_t child = fork();
    if (child < 0) return {};
    if (child == 0) {
        alarm(kLongestSeconds);
        const int nowhere = ::open("/dev/null", O_WRONLY);
        dup2(nowhere, STDOUT_FILENO);
        dup2(nowhere, STDERR_FILENO);
        try {
            Devices unused;
            open(settings, unused);
        } catch (...) {  // the program opens it again and reports this itself
        }
        _exit(0);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
    return std::string("the ") + title + " driver ends a process that opens it" +
           (WIFSIGNALED(status) ? ", by signal " + std::to_string(WTERMSIG(status)) : "");
}

/// Adds the backend's devices, or returns why it cannot be used at all.
std::string load(const Backend& backend, const BackendSettings& settings, Devices& devices) {
    const std::filesystem::path path = find_module(backend.module);
    if (path.empty()) return std::string("this build has no ") + backend.title + " backend";
    // Never closed: the devices hold its code.
    void* module = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (module == nullptr) return dlerror();
    const auto build = reinterpret_cast<BackendBuild>(dlsym(module, kBackendBuild));
    const auto open = reinterpret_cast<OpenBackend>(dlsym(module, kOpenBackend));
    if (build == nullptr || open == nullptr || std::strcmp(build(), kBackendInterface) != 0) {
        return path.string() + " belongs to another build of conv-cli, install both together";
    }
    // What has been opened once is safe, and a process with its threads should not be forked again.
    static std::array<std::atomic<bool>, kBackends.size()> safe;
    std::atomic<bool>& known = safe[static_cast<std::size_t>(&backend - kBackends.data())];
    std::string trouble = known ? std::string() : try_in_child(open, settings, backend.title);
    if (!trouble.empty()) return trouble;
    known = true;
    open(settings, devices);
    return {};
}

}  // namespace

std::vector<std::string> backend_names() {
    std::vector<std::string> names;
    for (const Backend& backend : kBackends) names.emplace_back(backend.name);
    return names;
}

Devices open_devices(const std::vector<std::string>& backends, const BackendSettings& settings) {
    Devices devices{.found = {cpu_device()}, .absent = {}};
    for (const Backend& backend : kBackends) {
        if (std::find(backends.begin(), backends.end(), backend.name) == backends.end()) continue;
        std::string reason = load(backend, settings, devices);
        if (!reason.empty()) devices.absent.push_back({backend.name, std::move(reason)});
    }
    return devices;
}

}  // namespace conv
