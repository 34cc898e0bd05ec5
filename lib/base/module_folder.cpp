#include "base/module_folder.hpp"

namespace conv {

// A section of its own, so that it can be exchanged in a linked program: cmake/module_folder.cmake.
[[gnu::section(".conv_module_folder")]] const char kModuleFolder[4096] = CONV_MODULE_FOLDER "\n";

}  // namespace conv
