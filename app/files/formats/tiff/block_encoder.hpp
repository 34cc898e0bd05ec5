#pragma once

#include <cstdint>
#include <vector>

#include "files/formats/tiff/tiff_layout.hpp"

namespace conv {

/// The samples of one strip or tile, as TIFF holds them before they are compressed, in this
/// machine's byte order.
struct TiffBlock {
    std::int64_t width = 0, height = 0, channels = 1;
    bool is_float = false;
    std::vector<std::uint8_t> samples;
};

/// Compresses one block; its samples may be changed. Thread-safe. Throws Error{input}.
std::vector<std::uint8_t> encode_tiff_block(TiffBlock& block, const TiffLayout& layout);

}  // namespace conv
