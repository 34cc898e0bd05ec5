#pragma once

#include "files/file_format.hpp"

namespace conv {

/// Reads all full-size pages of a TIFF or BigTIFF file with libtiff: grey (either sense), RGB,
/// palettes and any further channels; 1- to 16-bit, 32- and 64-bit integer and 16-, 32- and 64-bit
/// float samples. Associated alpha is made straight.
ImageDocument read_tiff(FileInput input);

}  // namespace conv
