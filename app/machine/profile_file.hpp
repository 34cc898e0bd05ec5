#pragma once

#include <string>

#include "conv/machine_profile.hpp"

namespace conv {

/// What a stored profile must have been measured on to be used: the processor's
/// model, and the code that runs on it.
struct MachineKey {
    std::string processor;   ///< "Intel(R) Xeon(R) ..."
    std::string code_paths;  ///< profile_code_paths()

    bool operator==(const MachineKey&) const = default;
};

MachineKey this_machine();

/// The file of a machine's profile in the cache directory: one for each
/// machine, so that machines with one home directory keep theirs.
std::string profile_path(const std::string& directory, const MachineKey& machine);

/// Writes a measured profile in the place of what was there, whole or not at
/// all, readable by its owner alone; makes the directory. Throws Error{input}
/// that names the file.
void store_profile(const std::string& path, const MachineKey& machine,
                   const MachineProfile& profile);

/// The profile that predictions rest on, and what people should know of it.
struct LoadedProfile {
    MachineProfile profile;  ///< the stored one, or the built-in one
    std::string note;        ///< why a file that is there was ignored; else empty
};

/// The stored profile of this machine where there is one. A file that is
/// damaged, or of another machine, is ignored with a note.
LoadedProfile load_profile(const std::string& path, const MachineKey& machine);

/// That of this machine in its cache directory; the built-in one while a BuiltinProfileOnly lives.
LoadedProfile stored_profile();

/// While one lives, what `tune` has kept does not count: machines that make parts of one picture
/// decide alike.
class BuiltinProfileOnly {
public:
    BuiltinProfileOnly();
    ~BuiltinProfileOnly();
    BuiltinProfileOnly(const BuiltinProfileOnly&) = delete;
    BuiltinProfileOnly& operator=(const BuiltinProfileOnly&) = delete;
};

}  // namespace conv
