#pragma once

#include "files/file_format.hpp"

namespace conv {

/// Writes all pages in strips: grey or RGB, alpha as unassociated, further channels unspecified.
void write_tiff(ImageDocument document, const WriteOptions& options, ByteSink& sink,
                std::vector<std::string>& notes);

}  // namespace conv
