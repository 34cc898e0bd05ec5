#pragma once

#include <string>
#include <vector>

#include "kernels/kernel.hpp"
#include "kernels/source_text.hpp"

namespace conv {

/// A matrix of OpenCV's FileStorage, in its YAML, JSON or XML form: type opencv-matrix (R x S) or
/// opencv-nd-matrix (R S, C R S or K C R S), one channel, data as text. source.member picks one by
/// name; without it the text must hold exactly one. Nesting is bounded at 16 levels. Throws
/// Error{usage} with its place.
std::vector<Kernel> parse_opencv(const SourceText& source);

/// Whether the text starts as FileStorage does: %YAML, { or <.
bool recognises_opencv(const SourceText& source);

/// The weights with their scale as FileStorage YAML, matrix name "kernel". Throws Error{usage} for
/// what it cannot hold: a bias, an anchor other than (S/2, R/2).
std::string write_opencv(const Kernel& kernel);

}  // namespace conv
