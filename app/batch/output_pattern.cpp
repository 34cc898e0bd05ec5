#include "batch/output_pattern.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include "base/error.hpp"
#include "files/file_bytes.hpp"

namespace conv {
namespace {

namespace fs = std::filesystem;

constexpr auto kInputWords =
    std::to_array<std::string_view>({"name", "stem", "ext", "dir", "index"});
/// Those that OutputPlan fills in when it knows what a picture becomes.
constexpr auto kPictureWords = std::to_array<std::string_view>({"k", "page"});

bool has(const auto& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool climbs(const fs::path& path) {
    return std::any_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
}

void refuse_unknown(const std::string& pattern, const std::string& word) {
    if (has(kInputWords, word) || has(kPictureWords, word)) return;
    fail(ErrorKind::usage,
         "--output {}: {{{}}} is unknown, use {{name}}, {{stem}}, {{ext}}, {{dir}}, {{index}}, "
         "{{k}} or {{page}}",
         display_name(pattern), display_name(word));
}

void refuse_folder(const std::string& pattern) {
    std::error_code ignored;
    if (pattern.ends_with('/') || fs::is_directory(pattern, ignored)) {
        const std::string_view slash = pattern.ends_with('/') ? "" : "/";
        fail(ErrorKind::usage, "--output {}: is a folder, use '{}{}{{name}}' or '{}{}{{stem}}.png'",
             display_name(pattern), display_name(pattern), slash, display_name(pattern), slash);
    }
    if (pattern == "-" || pattern.ends_with(":-")) {
        fail(ErrorKind::usage,
             "--output {}: a batch writes files, use a pattern as 'out/{{stem}}.png'", pattern);
    }
}

}  // namespace

OutputPattern::OutputPattern(const std::string& pattern) : pattern_(pattern) {
    refuse_folder(pattern);
    for (std::size_t at = 0; at < pattern.size();) {
        const std::size_t brace = std::min(pattern.find_first_of("{}", at), pattern.size());
        if (brace > at) parts_.push_back({pattern.substr(at, brace - at)});
        if (brace == pattern.size()) break;
        const std::size_t close = pattern.find('}', brace + 1);
        if (pattern[brace] == '}' || close == std::string::npos) {
            fail(ErrorKind::usage,
                 "--output {}: a brace stands alone, placeholders are {{name}}, {{stem}} and so on",
                 display_name(pattern));
        }
        const std::string word = pattern.substr(brace + 1, close - brace - 1);
        refuse_unknown(pattern, word);
        parts_.push_back({word, true});
        at = close + 1;
    }
    const std::string fixed = pattern.substr(0, pattern.find('{'));
    const std::size_t slash = fixed.rfind('/');
    folder_ = slash == std::string::npos ? "." : slash == 0 ? "/" : fixed.substr(0, slash);
    const std::size_t begin = slash == std::string::npos ? 0 : slash + 1;
    if (climbs(pattern.substr(begin))) {
        fail(ErrorKind::usage,
             "--output {}: .. behind a placeholder could lead anywhere, leave it out",
             display_name(pattern));
    }
}

std::string OutputPattern::value_of(const std::string& word, const BatchInput& input,
                                    std::int64_t index, std::int64_t count) const {
    const fs::path path(input.path);
    if (word == "name") return path.filename().string();
    if (word == "stem") return path.stem().string();
    if (word == "ext") return path.extension().string().substr(path.has_extension() ? 1 : 0);
    if (word == "dir") return input.folder;
    if (word == "index") return fmt::format("{:0{}}", index + 1, std::to_string(count).size());
    return "{" + word + "}";
}

std::string OutputPattern::path_for(const BatchInput& input, std::int64_t index,
                                    std::int64_t count) const {
    std::string path;
    for (const Part& part : parts_) {
        const std::string value =
            part.placeholder ? value_of(part.text, input, index, count) : part.text;
        if (part.placeholder && !has(kPictureWords, part.text) &&
            value.find_first_of("{}") != std::string::npos) {
            fail(ErrorKind::usage,
                 "{}: a brace in the input's name could be taken for a placeholder",
                 display_name(input.path));
        }
        if (part.placeholder && fs::path(value).is_absolute()) {
            fail(ErrorKind::usage,
                 "{}: {{dir}} is an absolute name and would lead out of {}, name a folder and "
                 "--recursive instead, or a relative path",
                 display_name(input.path), display_name(folder_));
        }
        path += value;
    }
    // An empty {dir} in front of a slash is the current folder, not the root.
    if (path.starts_with('/') && !pattern_.starts_with('/')) path.insert(0, ".");
    const std::size_t below = folder_ == "." && !pattern_.starts_with("./") ? 0 : folder_.size();
    if (climbs(path.substr(below))) {
        fail(ErrorKind::usage, "{}: its output {} would lead out of {} through '..'",
             display_name(input.path), display_name(path), display_name(folder_));
    }
    return fs::path(path).lexically_normal().string();
}

}  // namespace conv
