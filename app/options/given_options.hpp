#pragma once

#include <set>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace conv {

/// What was typed on a command line that has been read: "--name=value" for every option but those
/// of `without` (long names, without dashes), sorted. A value that names a file is followed by what
/// the file holds, so that a changed file is a changed option.
std::vector<std::string> given_options(const CLI::App& command,
                                       const std::set<std::string>& without);

}  // namespace conv
