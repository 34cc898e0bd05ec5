#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "operands.hpp"

namespace conv::bench {

enum class Role {
    ours,  ///< a method of this project
    peer,  ///< another library
    part,  ///< a piece of one of our methods, run alone
};

/// One thing to time on one row, ready to run: everything that depends on the kernel alone is
/// prepared. It owns its result; a copy shares it.
struct Contender {
    std::string name;
    Role role = Role::ours;
    double prepare_seconds = 0;
    double predicted_seconds = 0;                 ///< by the planner, on one thread; 0: not known
    std::optional<std::int64_t> workspace_bytes;  ///< empty: not known
    std::string note;
    std::function<void()> run;
    /// What run() wrote; no data for a part.
    ResultView result;
    /// How far a sample of the result may be off the exact one: in multiples of the row's rounding
    /// bound for floats, in levels for 8-bit results.
    double tolerance = 1;
};

struct Refusal {
    std::string name, reason;
};

/// Who runs on a row and who does not.
struct Field {
    std::vector<Contender> contenders;
    std::vector<Refusal> refusals;
};

}  // namespace conv::bench
