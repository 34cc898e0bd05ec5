#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "explain/explanation.hpp"

namespace conv {

/// Everything explain prints as one JSON object; "matrices" is there where they are printed.
nlohmann::ordered_json explanation_json(const Explanation& explanation,
                                        const std::string& lowering);

}  // namespace conv
