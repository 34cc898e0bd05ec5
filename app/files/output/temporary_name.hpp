#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace conv {

/// Who makes, or has left, a temporary file.
struct TemporaryOwner {
    std::string host;  ///< what a file name may hold of the host's name, and a container's number
    long process = 0;
};

/// This process on this host.
TemporaryOwner this_temporary_owner();

/// ".conv-cli-HOST-PROCESS-RANDOM.tmp", another one at every call.
std::string make_temporary_name();

/// $TMPDIR, else /tmp.
std::string temporary_folder();

/// Who made a temporary file, by its name (without folder); nothing for other files.
std::optional<TemporaryOwner> temporary_owner(std::string_view file_name);

}  // namespace conv
