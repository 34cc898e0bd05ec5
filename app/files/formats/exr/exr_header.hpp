#pragma once

#include <OpenEXR/ImfHeader.h>

#include <string>
#include <vector>

#include "files/metadata.hpp"
#include "tensor/rows.hpp"

namespace conv {

/// The channels of a file in the order of the picture's. Throws Error{unsupported} for sets that
/// are not read, naming them.
std::vector<std::string> exr_channels(const OPENEXR_IMF_NAMESPACE::Header& header,
                                      const std::string& name);

/// What a header says besides the samples: windows, channel type and compression, other attributes
/// byte for byte.
Metadata exr_metadata(const OPENEXR_IMF_NAMESPACE::Header& header,
                      const std::vector<std::string>& channels);

/// The header of a picture whose metadata came from an EXR file or another one: windows that follow
/// the grid, half samples where the input had them. Appends what cannot be kept to `notes`.
OPENEXR_IMF_NAMESPACE::Header exr_header(const PictureInfo& picture, const Metadata& metadata,
                                         std::vector<std::string>& notes);

}  // namespace conv
