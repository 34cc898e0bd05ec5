#pragma once

#include <string>

namespace conv {

/// $XDG_CACHE_HOME/conv-cli, or ~/.cache/conv-cli; empty where neither is set.
std::string cache_directory();

}  // namespace conv
