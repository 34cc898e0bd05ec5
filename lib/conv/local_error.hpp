#pragma once

namespace conv {

/// What every method keeps, for each output by itself:
///   |result - exact| <= kLocalError * sum |w||x| + eps * |bias|,   the sum over its own window
/// with any samples anywhere else (docs/numerics.md).
inline constexpr double kLocalError = 1e-5;

}  // namespace conv
