#include "files/output/output_error.hpp"

#include <cerrno>
#include <cstring>

#include "base/error.hpp"

namespace conv {

void cannot_write(const std::string& name, const char* doing) {
    fail(ErrorKind::input, "{}: cannot be written{}: {}", name, doing, std::strerror(errno));
}

}  // namespace conv
