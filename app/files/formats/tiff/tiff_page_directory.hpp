#pragma once

#include "files/formats/tiff/adapted_tags.hpp"
#include "files/formats/tiff/directory_writer.hpp"
#include "files/formats/tiff/tiff_layout.hpp"
#include "files/row_file.hpp"

namespace conv {

/// The directory of a page but for the places of its strips or tiles: sizes, samples, and what of
/// the metadata TIFF holds. Appends what it does not hold, in words, to `lost`.
TiffDirectory page_directory(const PageHeader& header, const TiffLayout& layout, std::int64_t pages,
                             std::vector<std::string>& lost);

}  // namespace conv
