#pragma once

#include <string>
#include <vector>

#include "kernels/kernel.hpp"
#include "kernels/source_text.hpp"

namespace conv {

/// The matrix text of libvips: a line `W H [scale [offset]]`, then H rows of W numbers. libvips
/// divides by its scale: Kernel::scale becomes 1/scale, the offset the bias. Rows longer than W,
/// which libvips cuts, are refused. Throws Error{usage} with its place.
std::vector<Kernel> parse_vips(const SourceText& source);

/// Whether the text has a libvips header and after it exactly H rows of exactly W numbers.
bool recognises_vips(const SourceText& source);

/// The kernel as libvips matrix. A scale that is no reciprocal of a double goes into the weights.
/// Four columns with a bias read back only as format vips: they fit plain text too.
/// Throws Error{usage} for what a libvips matrix cannot hold: planes, several maps, an anchor
/// other than libvips' own (S/2, R/2).
std::string write_vips(const Kernel& kernel);

}  // namespace conv
