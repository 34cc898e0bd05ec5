#pragma once

#include <cstdint>
#include <vector>

#include "files/file_bytes.hpp"

namespace conv {

/// The image resource blocks of Adobe Photoshop ("8BIM"): where JPEG and PNG keep IPTC records.
struct PhotoshopResources {
    std::vector<std::uint8_t> iptc;    ///< the records of resource 0x0404
    std::vector<std::uint8_t> others;  ///< all blocks but IPTC and thumbnails, as they were
};

/// Reads blocks up to the first that is damaged.
PhotoshopResources parse_photoshop_resources(ByteView blocks);

/// IPTC records as a block.
std::vector<std::uint8_t> iptc_resource(ByteView records);

}  // namespace conv
