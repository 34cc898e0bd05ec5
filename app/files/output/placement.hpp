#pragma once

#include <string>

namespace conv {

/// Whether a file beside the existing `target` can take its place by a rename: the folder takes
/// new files and gives the old one up, and the target is no mount point.
bool can_be_renamed_onto(const std::string& target, const std::string& folder);

/// Renames, unless something stands at `target`: of several that try at once exactly one succeeds.
/// Throws Error{input} naming `name`.
void rename_to_new(const std::string& from, const std::string& target, const std::string& name);

/// Writes the bytes of `from` over the existing file `target`, which is changed only after the
/// room for all of them is booked. Throws Error{input} naming `name`.
void copy_over(const std::string& from, const std::string& target, const std::string& name,
               bool sync);

}  // namespace conv
