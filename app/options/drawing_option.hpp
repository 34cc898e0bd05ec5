#pragma once

#include "drawing/canvas.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace conv {

/// --dark, for the drawings that `of` asks for; without it the flag is a usage error.
CLI::Option* add_dark_flag(CLI::App& command, Ground& ground, CLI::Option* of = nullptr);

}  // namespace conv
