#pragma once

#include "files/file_format.hpp"

namespace conv {

/// PBM, PGM, PPM and PAM files are read; PPM is written, PGM for one channel.
FileFormat pnm_format();

/// The same for outputs that are named .pgm and so hold one channel.
FileFormat pgm_format();

}  // namespace conv
