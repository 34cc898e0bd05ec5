#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace conv {

/// " (did you mean 'sobel'?)" for the name that is fewest edits from `word`, or nothing where none
/// is near.
std::string nearest_name_hint(std::string_view word, const std::vector<std::string>& names);

}  // namespace conv
