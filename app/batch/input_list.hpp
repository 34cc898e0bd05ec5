#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace conv {

/// One picture that a batch filters.
struct BatchInput {
    std::string path;    ///< as it is opened
    std::string folder;  ///< {dir}: relative to the folder argument that found it; of a file that
                         ///< was named itself, its folder as written; may be empty
};

/// What the command line says about which pictures to filter.
struct InputQuery {
    std::vector<std::string> arguments;  ///< files, folders, or - for a list on standard input
    std::vector<std::string> lists;      ///< files that list more arguments
    bool recursive = false;              ///< folders below folders too
    std::vector<std::string> match;      ///< shell patterns of names in folders; empty: pictures
    std::string output_folder;           ///< never searched where it lies below a searched folder
};

/// The entries of a list. A NUL anywhere makes NUL the separator (`find -print0`), else lines are
/// entries, with or without CR. Empty entries are left out.
std::vector<std::string> list_entries(std::string_view text);

/// Every picture in a stable order: arguments as given, then lists; a folder's files sorted by the
/// bytes of their paths. Of a folder the files count whose name fits `match`, or without one those
/// with a picture's extension; hidden files and folders do not, and links to folders are not
/// followed. Throws Error{input} for a folder or list that cannot be read, and where no picture is
/// found.
std::vector<BatchInput> list_inputs(const InputQuery& query);

/// Whether the search of a folder counts a file of this name as a picture.
bool is_searched_for(const std::string& name, const InputQuery& query);

}  // namespace conv
