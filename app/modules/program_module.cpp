#include "modules/program_module.hpp"

#include <exception>
#include <filesystem>

#include "base/error.hpp"
#include "base/module.hpp"
#include "base/size.hpp"
#include "modules/address_space.hpp"
#include "modules/openblas_environment.hpp"

namespace conv {
namespace {

void require_address_space(const ProgramModule& module) {
    if (possible_mappings(module.address_bytes, 1) == 1) return;
    fail(ErrorKind::memory,
         "not enough memory to load {}: it takes {} of address space, raise the limit (ulimit -v, "
         "ulimit -d)",
         module.title, format_bytes(module.address_bytes));
}

/// Loads the module. A library may throw while it is loaded, of which dlopen knows nothing.
void* load(const ProgramModule& module, const std::filesystem::path& path) {
    try {
        return open_module(path, "conv_module_interface", module.interface);
    } catch (const Error&) {
        throw;
    } catch (const std::exception& error) {
        fail(ErrorKind::device, "{} fails while it is loaded: {}", module.title, error.what());
    }
}

}  // namespace

const void* open_program_module(const ProgramModule& module) {
    const auto path = find_module(module.file);
    if (path.empty()) {
        fail(ErrorKind::device,
             "{} is needed and its module {} is not in {}, install both together (Debian package "
             "{})",
             module.title, module.file, module_folder().string(), module.package);
    }
    set_openblas_environment();  // OpenCV brings OpenBLAS too
    require_address_space(module);
    const auto functions = reinterpret_cast<const void* (*)()>(
        module_function(load(module, path), "conv_module_functions"));
    return functions();
}

}  // namespace conv
