#include "options/given_options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>

#include "files/byte_source.hpp"

namespace conv {
namespace {

std::string with_contents(const std::string& value) {
    constexpr std::int64_t kLargest = 64 << 20;
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(value, ignored) ||
        std::filesystem::is_empty(value, ignored))
        return value;
    const FileBytes bytes = read_file_bytes(value, kLargest);
    return value + ':' +
           std::string(reinterpret_cast<const char*>(bytes.view().data()), bytes.size());
}

}  // namespace

std::vector<std::string> given_options(const CLI::App& command,
                                       const std::set<std::string>& without) {
    std::vector<std::string> given;
    for (const CLI::Option* option : command.get_options()) {
        const std::vector<std::string>& names = option->get_lnames();
        if (option->count() == 0 || names.empty() || without.contains(names.front())) continue;
        std::string text = "--" + names.front();
        for (const std::string& value : option->results()) text += '=' + with_contents(value);
        given.push_back(std::move(text));
    }
    std::sort(given.begin(), given.end());
    return given;
}

}  // namespace conv
