#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernels/kernel.hpp"
#include "kernels/source_text.hpp"

namespace conv {

/// ImageMagick's kernel strings: `3x3+1+1: 0,1,0 ...`, `3: ...`, a name with arguments such as
/// `Laplacian:1` or `Gaussian:0x2`, several separated by `;`, with the flags `@` (all 45 degree
/// rotations), `>` (90 degrees) and `<` (mirrored). `nan` and `-` are holes, read as 0. Numbers
/// without a geometry make a square. The numbers are taken as written, for correlation, and the
/// origin, (W-1)/2,(H-1)/2 where none is given, becomes the anchor. Fractions and `#` comments are
/// read too. Throws Error{usage} with its place.
std::vector<Kernel> parse_imagemagick(const SourceText& source);

/// Whether the text starts with a geometry and a colon, a name and a colon, or a known name.
bool recognises_imagemagick(const SourceText& source);

/// The weights with their scale as `SxR+X+Y: ...`. Throws Error{usage} for what ImageMagick's form
/// cannot hold: planes, a bank, a bias.
std::string write_imagemagick(const Kernel& kernel);

}  // namespace conv
