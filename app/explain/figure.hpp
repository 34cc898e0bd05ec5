#pragma once

#include <string>

#include "drawing/canvas.hpp"
#include "explain/explanation.hpp"

namespace conv {

/// Draws the picture, the matrices of the lowering and the result side by side, with one output's
/// patch marked in all of them, and its sum written out; the first channel and group. `path` says
/// the format, .svg or .png; returns the file's bytes. Throws Error{usage} for a problem too large
/// for one sheet.
std::string draw_figure(const Explanation& explanation, const std::string& lowering,
                        const std::string& path, Ground ground = Ground::white);

}  // namespace conv
