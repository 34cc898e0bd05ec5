#include "support/places.hpp"

namespace conv::test {

std::string source_folder() {
    return CONV_SOURCE_DIR;
}

std::string program_path() {
    return CONV_PROGRAM;
}

std::string install_command() {
    return CONV_INSTALL_COMMAND;
}

std::string foreign_backend_path() {
    return CONV_FOREIGN_BACKEND;
}

std::string failing_opencl_path() {
    return CONV_FAILING_OPENCL;
}

}  // namespace conv::test
