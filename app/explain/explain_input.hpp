#pragma once

#include <string>

#include "files/image_file.hpp"

namespace conv {

/// What `explain` explains the convolution of.
struct ExplainInput {
    ImageDocument document;
    std::string words;          ///< where it comes from, for people
    bool hypothetical = false;  ///< only its sizes exist
};

/// "1 2 3; 4 5 6; 7 8 9" as a float32 array H W: rows as in plain kernel text. Planes are separated
/// by `|`, or said by a first line `shape: C H W`; either makes a C H W array. Throws Error{usage}
/// with the place of what is no number.
ExplainInput input_of_numbers(const std::string& text);

/// "1080x1920" or "1080x1920x3", rows first: an 8-bit picture of that size, four channels being
/// RGBA. Throws Error{usage}.
ExplainInput input_of_size(const std::string& text, std::int64_t max_pixels);

}  // namespace conv
