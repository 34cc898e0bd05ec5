#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace conv {

/// A JSON document as every command prints it, with a final line break. Strings that are no UTF-8
/// are mended; the control characters that JSON may hold unescaped (delete, C1) are escaped, so
/// that a terminal never gets them.
std::string json_text(const nlohmann::ordered_json& json);

}  // namespace conv
