#include "text/json_text.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace conv {

std::string json_text(const nlohmann::ordered_json& json) {
    const std::string text =
        json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    std::string safe;
    safe.reserve(text.size() + 1);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : '\0');
        if (byte == 0x7F) {
            safe += "\\u007f";
        } else if (byte == 0xC2 && next >= 0x80 && next < 0xA0) {  // U+0080 to U+009F
            safe += fmt::format("\\u{:04x}", next);
            ++i;
        } else {
            safe += text[i];
        }
    }
    return safe + '\n';
}

}  // namespace conv
