#pragma once

#include "files/file_format.hpp"

namespace conv {

/// Bytes before a bitmap's own header.
inline constexpr std::size_t kBmpFileHead = 14;

/// Reads Windows and OS/2 bitmaps of 1 to 32 bits a pixel, plain, run-length coded, or with channel
/// masks. A palette of greys alone gives one channel.
ImageDocument read_bmp(FileInput input);

}  // namespace conv
