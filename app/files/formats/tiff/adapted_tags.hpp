#pragma once

#include <string>
#include <vector>

#include "files/row_file.hpp"
#include "files/tiff_tags.hpp"

namespace conv {

/// The page that tags of another one shall describe.
struct TiffTarget {
    PictureInfo picture;
    SampleGrid grid;
    std::int64_t pages = 1;
};

/// The carried tags of an input's page as they describe `target`: positions and resolutions are
/// recomputed, descriptions state the new sizes, what no longer fits is absent and named in `lost`.
TiffFields adapted_fields(const TiffTags& tags, const TiffTarget& target,
                          std::vector<std::string>& lost);

}  // namespace conv
