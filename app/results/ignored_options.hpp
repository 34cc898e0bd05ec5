#pragma once

#include <string>
#include <vector>

#include "files/image_document.hpp"
#include "options/filter_options.hpp"

namespace conv {

/// What decides which options count.
struct FilteredFile {
    std::string input_format, output_format;
    SampleType depth = SampleType::u8;  ///< of the result
};

/// One line for each option that was given and has no effect on this file.
std::vector<std::string> ignored_options(const FilterOptions& options, const WriteOptions& write,
                                         const FilteredFile& file);

}  // namespace conv
