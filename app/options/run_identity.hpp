#pragma once

#include <string>
#include <vector>

#include "pipeline/bank.hpp"

namespace CLI {
class App;
}

namespace conv {

/// What two runs must agree in for their outputs to be the same.
struct RunIdentity {
    std::string options, kernel, version;  ///< hashes of the first two
    bool operator==(const RunIdentity&) const = default;
};

/// Of a command line that has been read, and of the kernels that it means.
RunIdentity identity_of(const CLI::App& command, const std::vector<Bank>& banks);

}  // namespace conv
