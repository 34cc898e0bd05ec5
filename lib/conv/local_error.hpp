#pragma once

namespace conv {

/// What every method keeps, for each output by itself:
///   |result - exact| <= kLocalError * sum |w||x| + eps * |bias|,   the sum over its own window
/// with any samples anywhere else (docs/numerics.md).
inline constexpr double kLocalError = 1e-5;

/// What the mean over all outputs of a picture of |result - exact| / sum |w||x| stays below with
/// every method: a few 1e-8 are measured. Seven lost bits, which the bound of each output lets pass
/// where windows are large, show here.
inline constexpr double kMeanError = 5e-7;

}  // namespace conv
