#pragma once

#include <filesystem>

namespace conv {

/// The path of the file that is meant, existing or not: links followed, no `.` or `..`.
std::filesystem::path real_path(const std::filesystem::path& path);

/// Whether a real path lies in a real folder or below it.
bool is_below(const std::filesystem::path& path, const std::filesystem::path& folder);

/// Makes a folder and those that it lies in, where they are missing. Throws Error{input}.
void make_folder(const std::filesystem::path& folder);

}  // namespace conv
