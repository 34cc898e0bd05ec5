#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conv {

/// Letters of UTF-8 text.
std::size_t letter_count(std::string_view text);

/// The words of the text in lines of at most `width` letters; a longer word has a line of its own.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);

/// The text in lines of at most `width` columns, as it is without a width. Sentences are wrapped
/// below their first word, or below the text behind a label ("label  text"); rows of numbers and
/// other cells are cut, which a last line then says.
std::string fitted(const std::string& text, std::optional<std::size_t> width);

}  // namespace conv
