#pragma once

#include <string>

namespace conv {

/// What the argument of a -k option stands for.
enum class KernelReferenceKind { file, builtin, text, standard_input };

/// A -k argument resolved, nothing read yet.
struct KernelReference {
    KernelReferenceKind kind = KernelReferenceKind::text;
    std::string value;   ///< the path, the built-in's reference or the text
    std::string member;  ///< for `file#name`: which matrix of the file
};

/// Resolves `argument` in this order: "-"; an existing file (or `file#name` where only `file`
/// exists); a built-in; kernel text. `format` is the text format asked for: "imagemagick" makes its
/// names mean ImageMagick's kernels; with "auto" its bare names, and `name:args` where a built-in
/// has that name, are refused with the built-in's spelling, for they mean other kernels. Throws
/// Error{usage} for those, for a word that is both a file and a built-in, a directory, and for what
/// is none of these. Looks at the file system, reads nothing.
KernelReference resolve_kernel_reference(const std::string& argument,
                                         const std::string& format = "auto");

}  // namespace conv
