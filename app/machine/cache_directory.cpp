#include "machine/cache_directory.hpp"

#include <cstdlib>

namespace conv {

std::string cache_directory() {
    const char* cache = std::getenv("XDG_CACHE_HOME");
    if (cache != nullptr && *cache == '/') return std::string(cache) + "/conv-cli";
    const char* home = std::getenv("HOME");
    if (home != nullptr && *home == '/') return std::string(home) + "/.cache/conv-cli";
    return {};
}

}  // namespace conv
