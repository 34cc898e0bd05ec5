#pragma once

#include <string>

#include "picture.hpp"

namespace conv::samples {

// Each writes one file and throws std::runtime_error where it cannot, or where the file, read back,
// does not hold the same samples. Integer depths clamp to 0 .. 1 and round to nearest.

void write_png8(const std::string& path, const Picture& picture);
void write_png16(const std::string& path, const Picture& picture);
/// Float32, exact: OpenCV's default for three float channels would be the lossy LogLuv.
void write_float_tiff(const std::string& path, const Picture& picture);
/// Float32 array of shape channels x height x width in C order, NumPy format version 1.0.
void write_npy(const std::string& path, const Picture& picture);

}  // namespace conv::samples
