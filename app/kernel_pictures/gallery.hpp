#pragma once

#include <string>

#include "drawing/canvas.hpp"
#include "tensor/image.hpp"

namespace conv {

/// Draws the picture, and beside it what every built-in kernel makes of it, each under the words
/// that make it. What does not keep the brightness is drawn with 0 as grey, stretched to what there
/// is. Large pictures are shrunk first. `path` says the format, .svg or .png; returns the file's
/// bytes.
std::string draw_gallery(const Image& picture, const std::string& path,
                         Ground ground = Ground::white);

}  // namespace conv
