#include "devices.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <filesystem>

#include "backend_interface.hpp"
#include "base/error.hpp"
#include "base/module.hpp"
#include "base/words.hpp"
#include "cpu/profiled_device.hpp"
#include "profiled_devices.hpp"

namespace conv {
namespace {

struct Backend {
    const char* name;    ///< the word of --device
    const char* module;  ///< its file
    const char* title;
    const char* remedy;  ///< where it is missing
};

constexpr std::array kBackends = {
    Backend{"opencl", "conv_opencl.so", "OpenCL",
            "install Debian's conv-cli-opencl or build with CONV_WITH_OPENCL=ON"},
    Backend{"cuda", "conv_cuda.so", "CUDA", "build with CONV_WITH_CUDA=ON"},
};

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
    if (path.empty()) {
        return std::string("its module ") + backend.module + " is not there, " + backend.remedy;
    }
    OpenBackend open = nullptr;
    try {
        void* module = open_module(path, kBackendBuild, kBackendInterface);
        open = reinterpret_cast<OpenBackend>(module_function(module, kOpenBackend));
    } catch (const Error& error) {
        return error.what();
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
    return names_of(kBackends);
}

Devices open_devices(const std::vector<std::string>& backends, const BackendSettings& settings) {
    return open_devices(backends, settings, builtin_profile());
}

Devices open_devices(const std::vector<std::string>& backends, const BackendSettings& settings,
                     const MachineProfile& profile) {
    Devices devices{.found = {cpu_device(profile)}, .absent = {}};
    for (const Backend& backend : kBackends) {
        if (std::find(backends.begin(), backends.end(), backend.name) == backends.end()) continue;
        std::string reason = load(backend, settings, devices);
        if (!reason.empty()) devices.absent.push_back({backend.name, std::move(reason)});
    }
    return devices;
}

}  // namespace conv
