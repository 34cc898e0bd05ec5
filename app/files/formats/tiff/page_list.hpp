#pragma once

#include <vector>

#include "files/formats/tiff/directory_parser.hpp"

namespace conv {

/// A picture of a TIFF file that is read as a page.
struct TiffPageEntry {
    std::uint64_t directory = 0;     ///< offset
    std::int64_t samples_later = 0;  ///< bytes from the samples that the directory names to these
};

struct TiffPageList {
    std::vector<TiffPageEntry> pages;
    bool has_others = false;  ///< reduced pictures or masks, which are not pages
};

/// The full pictures of a file in order. ImageJ's stacks of one directory are as many pages as they
/// say. Throws Error{input} for a chain of directories that breaks off or has no end, and
/// Error{unsupported} for a raw photograph, whose first picture is a thumbnail.
TiffPageList list_tiff_pages(const TiffBytes& bytes, const DirectoryParser& parser);

}  // namespace conv
