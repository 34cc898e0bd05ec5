#pragma once

#include "files/formats/tiff/tiff_directory.hpp"

namespace conv {

/// The grid of strips or tiles that a page is stored in.
struct TiffBlocks {
    std::int64_t width = 0, height = 0;     ///< of one block, in pixels
    std::int64_t row_bytes = 0, bytes = 0;  ///< of one decoded block
    std::int64_t across = 0, down = 0;      ///< blocks of one plane
    std::int64_t planes = 1;                ///< 1: all channels together

    std::int64_t index(std::int64_t plane, std::int64_t row, std::int64_t column) const {
        return (plane * down + row) * across + column;
    }
};

/// Throws Error{input} where the sizes contradict each other.
TiffBlocks blocks_of(TIFF* tiff, const TiffPage& page, const std::string& name);

/// The most bytes that any block takes in the file.
std::int64_t largest_stored_block(TIFF* tiff, const TiffBlocks& blocks);

}  // namespace conv
