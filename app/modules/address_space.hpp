#pragma once

#include <cstdint>

namespace conv {

/// Whether this process has a limit of its address space or data (ulimit -v, ulimit -d).
bool address_space_is_limited();

/// How many mappings of `bytes` could be made now, up to `most`.
int possible_mappings(std::int64_t bytes, int most);

}  // namespace conv
