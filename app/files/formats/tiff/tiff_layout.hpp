#pragma once

#include <string>
#include <vector>

#include "files/image_document.hpp"
#include "tensor/rows.hpp"

namespace conv {

/// How the samples of a page are written.
struct TiffLayout {
    int compression = 1, predictor = 1;
    int bits = 8;  ///< a sample; 9 to 15 are packed
    int photometric = 1;
    std::vector<std::uint16_t> extra_samples;
    bool tiled = false, separate_planes = false, big_endian = false;
    std::int64_t block_width = 0, block_height = 0;  ///< of a tile, or of a strip
    std::int64_t planes = 1, across = 1, down = 1;   ///< blocks of one plane

    /// Bytes of `columns` samples of one row of a block.
    std::int64_t row_bytes(const PictureInfo& picture) const;
    std::int64_t block_bytes(const PictureInfo& picture) const {
        return row_bytes(picture) * block_height;
    }
};

/// The layout that the options ask for, or that of the input where they say `keep`. Appends to
/// `notes` what of it cannot be written. Throws Error{usage} for unknown words.
TiffLayout tiff_layout(const PictureInfo& picture, const SampleCoding& coding,
                       const WriteOptions& options, std::vector<std::string>& notes);

}  // namespace conv
