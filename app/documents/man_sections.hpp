#pragma once

#include <string>
#include <vector>

namespace conv {

/// One entry of a section of the manual page: what stands in front, and what is said of it.
struct ManEntry {
    std::string head, text;
};

/// A section of the manual page that no command's declaration holds: paragraphs, then entries.
struct ManSection {
    std::string title;
    std::vector<std::string> paragraphs;
    std::vector<ManEntry> entries;
};

/// What the program is for.
ManSection man_description();

/// How a kernel is given, the built-in ones with their parameters, file formats of pictures, the
/// JSON documents, and the environment.
std::vector<ManSection> man_background();

}  // namespace conv
