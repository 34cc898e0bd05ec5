#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace conv {

/// What travels with a picture besides its samples.
struct Metadata {
    std::vector<std::uint8_t> icc_profile;
    std::vector<std::uint8_t> exif;  ///< an EXIF block: a TIFF header and its directories
    double x_per_inch = 0;           ///< resolution; 0: not stated
    double y_per_inch = 0;

    bool has_resolution() const { return x_per_inch > 0 && y_per_inch > 0; }
    /// What is worth a note where it is lost; a resolution is not.
    bool has_blocks() const { return !icc_profile.empty() || !exif.empty(); }
    bool empty() const { return !has_blocks() && !has_resolution(); }
};

/// "RGB ", "GRAY", "CMYK": the colour space that an ICC profile describes; empty if it is none.
std::string icc_colour_space(const std::vector<std::uint8_t>& profile);

/// The EXIF orientation (1 where there is none), which becomes 1 in the block; what else describes
/// the picture as it was, its thumbnail and sizes, is removed. A damaged block becomes empty.
int reset_exif_orientation(std::vector<std::uint8_t>& exif);

/// The EXIF block of a TIFF file's first page, without what describes its samples; empty if there
/// is nothing worth keeping or the file defeats the reader.
std::vector<std::uint8_t> exif_of_tiff(std::span<const std::uint8_t> file);

/// Adds the EXIF block to a complete TIFF file of one page. False, and no change, where
/// that fails.
bool add_exif_to_tiff(std::vector<std::uint8_t>& file, const std::vector<std::uint8_t>& exif);

}  // namespace conv
