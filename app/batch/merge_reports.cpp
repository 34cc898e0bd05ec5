#include "batch/merge_reports.hpp"

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "files/file_bytes.hpp"

namespace conv {
namespace {

using Json = nlohmann::ordered_json;

enum class Rank { failed, skipped, done };

struct Kept {
    Rank rank;
    std::string line;
};

Rank rank_of(const std::string& status) {
    return status == "done" ? Rank::done : status == "skipped" ? Rank::skipped : Rank::failed;
}

using Records = std::map<std::pair<std::int64_t, std::string>, Kept>;

/// False for what is no record.
bool take_line(const std::string& line, Records& kept) {
    const Json json = Json::parse(line, nullptr, false);
    try {
        if (json.is_discarded() || json.at("schema") != "conv-cli/batch/1") return false;
        const Rank rank = rank_of(json.at("status"));
        const auto [at, is_new] =
            kept.try_emplace({json.at("index"), json.at("input")}, Kept{rank, line});
        if (!is_new && rank >= at->second.rank) at->second = {rank, line};
        return true;
    } catch (const Json::exception&) {
        return false;
    }
}

}  // namespace

MergedReports merge_reports(const std::vector<std::string>& paths) {
    MergedReports merged;
    Records kept;
    for (const std::string& path : paths) {
        std::ifstream file(path, std::ios::binary);
        if (!file) fail(ErrorKind::input, "{}: the report cannot be read", display_name(path));
        for (std::string line; std::getline(file, line);) {
            if (!take_line(line, kept)) ++merged.torn;
        }
    }
    for (auto& [key, record] : kept) {
        ++(record.rank == Rank::done      ? merged.done
           : record.rank == Rank::skipped ? merged.skipped
                                          : merged.failed);
        merged.lines.push_back(std::move(record.line));
    }
    return merged;
}

}  // namespace conv
