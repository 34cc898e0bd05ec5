#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "files/metadata.hpp"

namespace conv {

/// How an EXR file holds its samples, and where they lie: for results that shall be like it.
struct ExrCoding {
    bool half = false;  ///< all channels
    std::string only;   ///< the name of its one channel
    int compression = 0;
    /// Data window, then display window: least x and y, greatest x and y.
    std::array<std::int32_t, 8> windows = {};
};

/// That of the EXR file that the metadata came from, where they did. It travels as a block without
/// a name, which no format carries and nobody misses.
std::optional<ExrCoding> exr_coding(const Metadata& metadata);
FormatBlock block_of(const ExrCoding& coding);

}  // namespace conv
