#include "kernels/kernel_reference.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

#include "base/error.hpp"
#include "kernels/builtin.hpp"
#include "kernels/imagemagick_names.hpp"
#include "kernels/nearest_name.hpp"
#include "kernels/source_text.hpp"

namespace conv {
namespace {

bool exists(const std::string& path) {
    std::error_code error;
    return !path.empty() && std::filesystem::exists(path, error);
}

KernelReference file_reference(const std::string& path, const std::string& member) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error))
        fail(ErrorKind::usage, "kernel '{}' is a directory; give a kernel file", path);
    return {KernelReferenceKind::file, path, member};
}

/// Kernel text has a number, a bracket, a markup sign or an ImageMagick name at its front, and if
/// it is a single word, that word is a number or has a geometry or a name before a colon.
bool looks_like_text(std::string_view text) {
    const auto words = split_tokens(text, ",;");
    if (words.empty()) return true;  // empty text has an error of its own
    const std::string_view word = words.front();
    const auto letters_end = std::find_if_not(word.begin(), word.end(), is_letter);
    const std::string_view name(word.data(), static_cast<std::size_t>(letters_end - word.begin()));
    if (std::string_view("({<%#@").find(word.front()) != std::string_view::npos) return true;
    const bool colon = word.find(':') != std::string_view::npos;
    if (lower_case(word) == "nan" || lower_case(word) == "inf") return true;  // refused as numbers
    if (!name.empty())
        return text.find_first_of("\r\n") != std::string_view::npos ||
               (find_imagemagick_name(name) != nullptr &&
                (name.size() == word.size() || word[name.size()] == ':'));
    // Also what only looks like a number, 1/0 or 1e400: its error is the number's.
    const bool number_signs = word.find_first_not_of("0123456789+-.eE/") == std::string_view::npos;
    return words.size() > 1 || colon || number_signs;
}

[[noreturn]] void refuse(const std::string& argument) {
    std::vector<std::string> names;
    for (const Builtin& builtin : builtin_kernels()) names.push_back(builtin.name);
    const std::string word = argument.substr(0, argument.find(':'));
    if (std::find(names.begin(), names.end(), word) != names.end())
        fail(ErrorKind::usage, "kernel {}: parameters of a built-in are '{}:key=value'",
             quoted_token(argument), word);
    fail(ErrorKind::usage, "kernel {} is no file, no built-in kernel and no kernel text{}",
         quoted_token(argument), nearest_name_hint(word, names));
}

}  // namespace

KernelReference resolve_kernel_reference(const std::string& argument) {
    if (argument == "-") return {KernelReferenceKind::standard_input, "", ""};
    const bool builtin = is_builtin_reference(argument);
    if (exists(argument)) {
        if (builtin)
            fail(ErrorKind::usage,
                 "kernel '{0}' is a file and a built-in; './{0}' is the file, or rename it",
                 argument);
        return file_reference(argument, "");
    }
    const std::size_t hash = argument.rfind('#');
    if (hash != std::string::npos && exists(argument.substr(0, hash)))
        return file_reference(argument.substr(0, hash), argument.substr(hash + 1));
    if (builtin) return {KernelReferenceKind::builtin, argument, ""};
    if (!looks_like_text(argument)) refuse(argument);
    return {KernelReferenceKind::text, argument, ""};
}

}  // namespace conv
