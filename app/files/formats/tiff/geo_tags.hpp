#pragma once

#include <string>
#include <vector>

#include "files/row_file.hpp"
#include "files/tiff_tags.hpp"

namespace conv {

/// Moves and scales what places pixels on the ground to the pixels of a result: GeoTIFF's pixel
/// scale, tie points and transformation (OGC 19-008, 7.1.4), and rational polynomials (RPC).
void adapt_geo_tags(const SampleGrid& grid, TiffFields& fields);

/// Takes the statistics of samples, which have changed, out of GDAL's metadata.
void adapt_gdal_metadata(TiffFields& fields, std::vector<std::string>& lost);

}  // namespace conv
