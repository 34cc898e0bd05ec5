#include "base/module.hpp"

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/error.hpp"
#include "base/module_folder.hpp"

namespace conv {
namespace {

namespace fs = std::filesystem;

std::string distrust_one(const fs::path& path) {
    struct stat status = {};
    if (stat(path.c_str(), &status) != 0) {
        return fmt::format("{} cannot be examined: {}", path.string(), std::strerror(errno));
    }
    if (status.st_uid != 0 && status.st_uid != geteuid()) {
        return fmt::format("{} belongs to another user (number {})", path.string(), status.st_uid);
    }
    const bool group_is_own = status.st_gid == 0 || status.st_gid == geteuid();
    const mode_t writers = status.st_mode & (S_IWOTH | (group_is_own ? 0 : S_IWGRP));
    if (writers != 0) {
        return fmt::format("{} can be written by others, use chmod go-w", path.string());
    }
    return {};
}

}  // namespace

std::string distrust(const fs::path& file) {
    std::error_code error;
    const fs::path real = fs::canonical(file, error);
    if (error) return fmt::format("{} cannot be examined: {}", file.string(), error.message());
    std::string reason = distrust_one(real.parent_path());
    return reason.empty() ? distrust_one(real) : reason;
}

#if defined(CONV_RELOCATABLE)
fs::path module_folder() {
    std::error_code ignored;
    const fs::path program = fs::read_symlink("/proc/self/exe", ignored).parent_path();
    // As in the tree that is carried about; in the one that it is built in, a level lower.
    const fs::path carried = program.parent_path() / "lib/conv-cli";
    return fs::exists(carried, ignored) ? carried : program / "lib/conv-cli";
}
#else
fs::path module_folder() {
    const std::string_view text(kModuleFolder, sizeof(kModuleFolder));
    return text.substr(0, text.find('\n'));
}
#endif

fs::path find_module(const std::string& file) {
    std::error_code ignored;
    const fs::path place = module_folder() / file;
    return place.is_absolute() && fs::exists(place, ignored) ? place : fs::path();
}

void* open_module(const fs::path& module, const char* interface_symbol, const char* interface) {
    const std::string reason = distrust(module);
    if (!reason.empty()) {
        fail(ErrorKind::device, "the module {} is not loaded: {}", module.string(), reason);
    }
    // Never closed: what it makes holds its code.
    void* handle = dlopen(module.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
        const char* said = dlerror();
        fail(ErrorKind::device, "a module cannot be loaded: {}", said ? said : module.c_str());
    }
    const auto built_as = reinterpret_cast<const char* (*)()>(dlsym(handle, interface_symbol));
    if (built_as == nullptr || std::strcmp(built_as(), interface) != 0) {
        fail(ErrorKind::device, "{} belongs to another build of conv-cli, install both together",
             module.string());
    }
    return handle;
}

void* open_library(const char* name, std::string& reason) {
    void* handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
        const char* said = dlerror();
        reason = said ? said : name;
    }
    return handle;
}

void* module_function(void* module, const char* name) {
    void* function = dlsym(module, name);
    if (function == nullptr) fail(ErrorKind::device, "a module lacks its function {}", name);
    return function;
}

}  // namespace conv
