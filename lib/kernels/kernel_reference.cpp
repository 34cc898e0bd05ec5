#include "kernels/kernel_reference.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

#include "base/error.hpp"
#include "base/nearest_name.hpp"
#include "base/words.hpp"
#include "kernels/builtin.hpp"
#include "kernels/imagemagick_names.hpp"
#include "kernels/source_text.hpp"

namespace conv {
namespace {

bool exists(const std::string& path) {
    std::error_code error;
    return !path.empty() && std::filesystem::exists(path, error);
}

KernelReference file_reference(const std::string& path, const std::string& member) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) {
        fail(ErrorKind::usage, "kernel '{}' is a directory; give a kernel file", path);
    }
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
    if (std::string_view("([{<%#@").find(word.front()) != std::string_view::npos) return true;
    const bool colon = word.find(':') != std::string_view::npos;
    if (lower_case(word) == "nan" || lower_case(word) == "inf") return true;  // refused as numbers
    if (!name.empty()) {
        return text.find_first_of("\r\n") != std::string_view::npos ||
               (find_imagemagick_name(name) != nullptr &&
                (name.size() == word.size() || word[name.size()] == ':'));
    }
    // Also what only looks like a number, 1/0 or 1e400: its error is the number's.
    const bool number_signs =
        with_ascii_minus(word).find_first_not_of("0123456789+-.eE/") == std::string::npos;
    return words.size() > 1 || colon || number_signs;
}

const Builtin* builtin_called(const std::string& word) {
    const auto& all = builtin_kernels();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Builtin& builtin) {
        return builtin.name == lower_case(word);
    });
    return found == all.end() ? nullptr : &*found;
}

/// The parameter that a value without a key most probably means: the one with that word, else the
/// first.
const BuiltinParameter* meant_parameter(const Builtin& builtin, const std::string& value) {
    for (const BuiltinParameter& parameter : builtin.parameters) {
        for (const BuiltinWord& word : parameter.words) {
            if (word.word == value) return &parameter;
        }
    }
    return builtin.parameters.empty() ? nullptr : &builtin.parameters.front();
}

/// "gaussian:sigma=2" for "Gaussian:2" and "Gaussian:0x2" (ImageMagick's radius and sigma), the
/// default in place of a value that is none.
std::string builtin_spelling(const Builtin& builtin, const std::string& given) {
    const BuiltinParameter* parameter = meant_parameter(builtin, given);
    const std::string value =
        parameter && !takes_value(*parameter, given) ? given.substr(given.find('x') + 1) : given;
    if (value.empty() || parameter == nullptr) return builtin.name;
    return fmt::format("{}:{}={}", builtin.name, parameter->name,
                       takes_value(*parameter, value) ? value : parameter->default_text);
}

/// A name that ImageMagick and the built-ins share, or ImageMagick's alone without arguments,
/// means another kernel than most people expect (Blur is a row).
void refuse_imagemagick_name(const std::string& argument) {
    const std::size_t end = std::min(argument.find_first_of(": \t"), argument.size());
    const std::string word = argument.substr(0, end);
    if (find_imagemagick_name(word) == nullptr) return;
    const std::string value(
        trimmed(std::string_view(argument).substr(std::min(end + 1, argument.size()))));
    if (const Builtin* builtin = builtin_called(word)) {
        fail(ErrorKind::usage,
             "kernel {}: the built-in is '{}', ImageMagick's needs --kernel-format imagemagick",
             quoted_token(argument), builtin_spelling(*builtin, value));
    }
    if (end == argument.size()) {
        fail(ErrorKind::usage,
             "kernel {} is a name of ImageMagick's, use --kernel-format imagemagick for it, or one "
             "of 'conv-cli kernel list'",
             quoted_token(argument));
    }
}

[[noreturn]] void refuse(const std::string& argument) {
    std::vector<std::string> names = names_of(builtin_kernels());
    const std::size_t colon = std::min(argument.find(':'), argument.size());
    const std::string word = argument.substr(0, colon);
    if (const Builtin* builtin = builtin_called(word)) {
        fail(ErrorKind::usage, "kernel {}: the built-in is '{}'", quoted_token(argument),
             builtin_spelling(*builtin, argument.substr(std::min(colon + 1, argument.size()))));
    }
    fail(ErrorKind::usage, "kernel {} is no file, no built-in kernel and no kernel text{}",
         quoted_token(argument), nearest_name_hint(word, names));
}

}  // namespace

KernelReference resolve_kernel_reference(const std::string& argument, const std::string& format) {
    if (argument == "-") return {KernelReferenceKind::standard_input, "", ""};
    const bool imagemagick = format == "imagemagick";
    const bool builtin = !imagemagick && is_builtin_reference(argument);
    if (exists(argument)) {
        if (builtin) {
            fail(ErrorKind::usage,
                 "kernel '{0}' is a file and a built-in; './{0}' is the file, or rename it",
                 argument);
        }
        return file_reference(argument, "");
    }
    const std::size_t hash = argument.rfind('#');
    if (hash != std::string::npos && exists(argument.substr(0, hash))) {
        return file_reference(argument.substr(0, hash), argument.substr(hash + 1));
    }
    if (builtin) return {KernelReferenceKind::builtin, argument, ""};
    if (!imagemagick) refuse_imagemagick_name(argument);
    if (!looks_like_text(argument)) refuse(argument);
    return {KernelReferenceKind::text, argument, ""};
}

}  // namespace conv
