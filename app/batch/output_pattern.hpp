#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "batch/input_list.hpp"

namespace conv {

/// Where the outputs of a batch go: a path with {name} {stem} {ext} {dir} {index}; {k} and {page}
/// are left for the files of one picture.
class OutputPattern {
public:
    /// Throws Error{usage} for an unknown placeholder, a lone brace, a folder, standard output, and
    /// `..` behind the first placeholder.
    explicit OutputPattern(const std::string& pattern);

    /// The folder that the pattern names: what stands before the last / in front of the first
    /// placeholder; "." for none. No output leaves it.
    const std::string& folder() const { return folder_; }

    /// The path for the input at `index` (from 0) of `count`; {index} is index + 1, with zeros in
    /// front to the width of `count`. Throws Error{usage} where the input's names would lead out of
    /// folder(): an absolute {dir}, or `..`.
    std::string path_for(const BatchInput& input, std::int64_t index, std::int64_t count) const;

private:
    /// Literal text, or a placeholder's word.
    struct Part {
        std::string text;
        bool placeholder = false;
    };
    std::string value_of(const std::string& word, const BatchInput& input, std::int64_t index,
                         std::int64_t count) const;

    std::string pattern_, folder_;
    std::vector<Part> parts_;
};

}  // namespace conv
