#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace conv {

/// Parses a document in which every number is whole, as those that the program keeps for itself:
/// a damaged one could hold 2e99, which is no integer's value. Throws Json::exception for such a
/// number and for what is no JSON.
template <typename Json>
Json parse_whole_json(const std::string& text) {
    return Json::parse(text, [](int, typename Json::parse_event_t event, Json& value) {
        if (event == Json::parse_event_t::value && value.is_number_float())
            throw Json::other_error::create(501, "a number is not whole", &value);
        return true;
    });
}

}  // namespace conv
