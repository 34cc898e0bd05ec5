#pragma once

#include <tiffio.h>

#include <memory>
#include <string>
#include <vector>

#include "files/file_bytes.hpp"

namespace conv {

/// Bytes that libtiff reads or writes as a file.
struct TiffMemory {
    ByteView input;                    ///< when reading
    std::vector<std::uint8_t> output;  ///< when writing
    std::uint64_t position = 0;
    bool writes = false;
};

struct CloseTiff {
    void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
using TiffHandle = std::unique_ptr<TIFF, CloseTiff>;

/// Opens `memory`, which must outlive the handle. Null when libtiff refuses the header.
TiffHandle open_tiff(TiffMemory& memory, const char* mode);

/// The last error that libtiff reported on this thread since the last call; may be empty.
std::string take_tiff_message();

}  // namespace conv
