#include "base/nearest_name.hpp"

#include <algorithm>
#include <numeric>

namespace conv {
namespace {

/// Levenshtein distance: insertions, deletions and replacements of one character.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

}  // namespace

std::string nearest_name_hint(std::string_view word, const std::vector<std::string>& names) {
    constexpr std::size_t kLongestWord = 64;
    if (word.size() > kLongestWord) return "";
    const std::string* nearest = nullptr;
    // Two edits are a swap of neighbours; in a short word they would be another word.
    std::size_t fewest = (word.size() < 4 ? 1 : std::max<std::size_t>(2, word.size() / 3)) + 1;
    for (const std::string& name : names) {
        const std::size_t distance = edit_distance(word, name);
        if (distance >= fewest) continue;
        fewest = distance;
        nearest = &name;
    }
    return nearest == nullptr ? "" : " (did you mean '" + *nearest + "'?)";
}

}  // namespace conv
