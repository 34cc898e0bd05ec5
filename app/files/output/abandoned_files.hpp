#pragma once

#include <string>
#include <vector>

namespace conv {

/// Removes temporary files that killed processes have left in a folder ("": the current one): those
/// of this host whose process is no more, and those of other hosts that have not changed for a day.
/// Gives a line that names what it has removed, or nothing. What cannot be removed stays.
std::vector<std::string> remove_abandoned_files(const std::string& folder);

}  // namespace conv
