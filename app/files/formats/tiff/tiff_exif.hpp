#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace conv {

/// The EXIF block of a TIFF file's first page, without what describes its samples; empty if there
/// is nothing worth keeping or the file defeats the reader.
std::vector<std::uint8_t> exif_of_tiff(std::span<const std::uint8_t> file);

/// Adds the EXIF block to a complete TIFF file of one page. False, and no change, where
/// that fails.
bool add_exif_to_tiff(std::vector<std::uint8_t>& file, const std::vector<std::uint8_t>& exif);

}  // namespace conv
