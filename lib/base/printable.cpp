#include "base/printable.hpp"

#include <cstddef>

namespace conv {
namespace {

/// Bytes of the UTF-8 sequence that `text` begins with; 0 where it begins with none.
std::size_t sequence_length(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xC2 && lead < 0xE0 ? 2
                               : lead >= 0xE0 && lead < 0xF0 ? 3
                               : lead >= 0xF0 && lead < 0xF5 ? 4
                                                             : 0;
    if (length > text.size()) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) return 0;
    }
    return length;
}

bool is_control(std::string_view sequence) {
    const auto first = static_cast<unsigned char>(sequence.front());
    if (sequence.size() == 1) return first < 0x20 || first == 0x7F;
    // U+0080 to U+009F
    return first == 0xC2 && static_cast<unsigned char>(sequence[1]) < 0xA0;
}

}  // namespace

std::string printable(std::string_view text) {
    std::string line;
    line.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = sequence_length(text);
        const bool shown = length > 0 && !is_control(text.substr(0, length));
        const std::size_t taken = length > 0 ? length : 1;
        if (shown)
            line += text.substr(0, taken);
        else
            line += '?';
        text.remove_prefix(taken);
    }
    return line;
}

}  // namespace conv
