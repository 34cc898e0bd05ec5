#pragma once

#include <string>
#include <vector>

#include "files/formats/tiff/adapted_tags.hpp"

namespace conv {

/// Brings the ImageDescription up to date where programs read numbers from it: ImageJ's lines,
/// OME-XML and tifffile's shape. One that cannot be made to fit is removed and named in `lost`.
void adapt_description(const TiffTags& tags, const TiffTarget& target, TiffFields& fields,
                       std::vector<std::string>& lost);

}  // namespace conv
