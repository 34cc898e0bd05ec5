#include "options/drawing_option.hpp"

#include <CLI/CLI.hpp>

namespace conv {

CLI::Option* add_dark_flag(CLI::App& command, Ground& ground, CLI::Option* of) {
    CLI::Option* flag = command.add_flag_callback(
        "--dark", [&ground] { ground = Ground::dark; }, "drawn for a dark slide");
    return of ? flag->needs(of) : flag;
}

}  // namespace conv
