#include "batch/content_hash.hpp"

#include <fmt/format.h>

namespace conv {

std::string ContentHash::text() const {
    return fmt::format("{:016x}", state_);
}

}  // namespace conv
