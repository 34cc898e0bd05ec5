#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace conv {

/// What join_parts() did.
struct JoinReport {
    std::int64_t parts = 0, bytes = 0;
    bool was_joined = false;  ///< the output was complete; parts that were left are removed
    std::vector<std::string> notes;
};

/// Makes the file `output` from its parts beside it, OUTPUT.part-I-of-N, and removes them. The file
/// appears when it is complete; a process that is killed leaves either the parts or the file with
/// some of the parts, and the next call goes on. Throws Error{input}: no part and no output,
/// missing parts, parts of two cuts, parts that disagree (both are named, and in what).
JoinReport join_parts(const std::string& output, bool sync);

}  // namespace conv
