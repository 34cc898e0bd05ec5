#pragma once

#include <filesystem>
#include <string>

namespace conv {

/// Why this process must not load `file` as code, or nothing: the file or its folder (links
/// followed) belongs to another user but root, or others than the owner may write it. A group may
/// where it is root's, or the user's own private one (its number is the user's).
std::string distrust(const std::filesystem::path& file);

/// Where modules are looked for: the absolute folder that was fixed when the program was built or
/// installed; with CONV_RELOCATABLE, lib/conv-cli one level above the running program's own folder
/// (or in that). No current folder, no PATH, no variable of the environment leads elsewhere.
std::filesystem::path module_folder();

/// The module `file` in module_folder(), or an empty path.
std::filesystem::path find_module(const std::string& file);

/// Loads a module for good and returns dlopen's handle. Its C function `interface_symbol` must
/// return `interface`, which stands for every type that crosses the boundary. Throws Error{device}
/// for a module that is not trusted, cannot be loaded or belongs to another build. Thread-safe.
void* open_module(const std::filesystem::path& module, const char* interface_symbol,
                  const char* interface);

/// The function `name` of a loaded module. Throws Error{device} where there is none.
void* module_function(void* module, const char* name);

/// A library of other people's by the name under which the loader finds it, opened for good; null,
/// and the loader's reason, where it finds none.
void* open_library(const char* name, std::string& reason);

}  // namespace conv
