#include "batch/input_list.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "batch/real_path.hpp"
#include "files/byte_source.hpp"
#include "files/format_table.hpp"

namespace conv {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kLargestList = std::int64_t{1} << 30;

bool has_picture_extension(const std::string& name) {
    std::string extension = fs::path(name).extension().string();
    if (extension.empty()) return false;
    extension.erase(0, 1);
    for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    for (const FileFormat& format : file_formats()) {
        const auto& known = format.holds.extensions;
        if (std::find(known.begin(), known.end(), extension) != known.end()) return true;
    }
    return false;
}

/// The search of one folder for pictures.
class FolderSearch {
public:
    FolderSearch(const std::string& folder, const InputQuery& query) : top_(folder), query_(query) {
        if (!query.output_folder.empty()) skipped_ = real_path(query.output_folder);
        if (skipped_ == real_path(top_)) skipped_.clear();
        visit("");
        std::sort(found_.begin(), found_.end());
    }
    /// Paths relative to the folder.
    const std::vector<std::string>& found() const { return found_; }

private:
    void visit(const fs::path& below) {
        std::error_code error;
        fs::directory_iterator entries(below.empty() ? top_ : top_ / below, error);
        for (const fs::directory_iterator end; !error && entries != end; entries.increment(error))
            take(*entries, below);
        if (error) {
            fail(ErrorKind::input, "{}: cannot be searched: {}",
                 display_name((top_ / below).string()), error.message());
        }
    }
    void take(const fs::directory_entry& entry, const fs::path& below) {
        const std::string name = entry.path().filename().string();
        if (name.front() == '.') return;
        std::error_code ignored;
        if (entry.is_directory(ignored)) {
            if (query_.recursive && !entry.is_symlink(ignored) && !is_skipped(entry.path()))
                visit(below / name);
        } else if (is_searched_for(name, query_)) {
            found_.push_back((below / name).string());
        }
    }
    bool is_skipped(const fs::path& folder) const {
        return !skipped_.empty() && real_path(folder) == skipped_;
    }

    fs::path top_, skipped_;
    const InputQuery& query_;
    std::vector<std::string> found_;
};

void add_argument(const std::string& argument, const InputQuery& query,
                  std::vector<BatchInput>& inputs) {
    std::error_code ignored;
    if (!fs::is_directory(argument, ignored)) {
        inputs.push_back({argument, fs::path(argument).parent_path().string()});
        return;
    }
    const FolderSearch search(argument, query);
    for (const std::string& found : search.found()) {
        inputs.push_back(
            {(fs::path(argument) / found).string(), fs::path(found).parent_path().string()});
    }
}

void add_list(const std::string& list, const InputQuery& query, std::vector<BatchInput>& inputs) {
    const FileBytes bytes = read_file_bytes(list, kLargestList);
    const std::string_view text(reinterpret_cast<const char*>(bytes.view().data()), bytes.size());
    for (const std::string& entry : list_entries(text)) add_argument(entry, query, inputs);
}

}  // namespace

bool is_searched_for(const std::string& name, const InputQuery& query) {
    if (query.match.empty()) return has_picture_extension(name);
    return std::any_of(query.match.begin(), query.match.end(), [&](const std::string& pattern) {
        return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
    });
}

std::vector<std::string> list_entries(std::string_view text) {
    const bool nul = text.find('\0') != std::string_view::npos;
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (!nul && text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    std::vector<std::string> entries;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(nul ? '\0' : '\n', at), text.size());
        std::string_view entry = text.substr(at, end - at);
        if (!nul && entry.ends_with('\r')) entry.remove_suffix(1);
        if (!entry.empty()) entries.emplace_back(entry);
        at = end + 1;
    }
    return entries;
}

std::vector<BatchInput> list_inputs(const InputQuery& query) {
    std::vector<BatchInput> inputs;
    for (const std::string& argument : query.arguments) {
        if (argument == "-")
            add_list(argument, query, inputs);
        else
            add_argument(argument, query, inputs);
    }
    for (const std::string& list : query.lists) add_list(list, query, inputs);
    if (inputs.empty()) {
        fail(ErrorKind::input, "no picture is found in what was named{}",
             query.recursive ? "" : ", --recursive looks into folders below folders");
    }
    return inputs;
}

}  // namespace conv
