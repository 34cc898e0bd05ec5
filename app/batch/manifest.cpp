#include "batch/manifest.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "base/error.hpp"
#include "batch/content_hash.hpp"
#include "files/file_bytes.hpp"
#include "files/whole_json.hpp"

namespace conv {
namespace {

namespace fs = std::filesystem;
using SortedJson = nlohmann::json;

constexpr std::string_view kPrefix = "conv-cli-manifest-", kSuffix = ".jsonl";
constexpr const char* kSchema = "conv-cli/manifest/1";

std::string host_name() {
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) != 0) return "host";
    std::string host = name.data();
    for (char& c : host) {
        if (c == '/') c = '_';
    }
    return host;
}

/// Process ids come again, and containers share them: the random part makes the name this
/// process's.
std::string own_name() {
    std::random_device random;
    return fmt::format("{}{}-{}-{:08x}{}", kPrefix, host_name(), getpid(), random(), kSuffix);
}

std::int64_t now_ns() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

std::string absolute_name(const std::string& path) {
    std::error_code error;
    const fs::path absolute = fs::absolute(path, error);
    return (error ? fs::path(path) : absolute).lexically_normal().string();
}

}  // namespace

Manifest::Manifest(std::string folder, RunIdentity identity)
    : folder_(std::move(folder)), identity_(std::move(identity)) {}

/// Names as bytes: JSON holds those alone that are UTF-8.
std::string Manifest::key_of(const BatchItem& item) const {
    const std::string output = fs::path(item.output).lexically_relative(folder_).string();
    return ContentHash()
        .add(absolute_name(item.input))
        .add(std::string_view("\0", 1))
        .add(output)
        .text();
}

void Manifest::read() {
    std::error_code error;
    if (!fs::exists(folder_, error)) return;
    fs::directory_iterator entries(folder_, error);
    for (const fs::directory_iterator end; !error && entries != end; entries.increment(error)) {
        const std::string name = entries->path().filename().string();
        if (name.starts_with(kPrefix) && name.ends_with(kSuffix))
            read_file(entries->path().string());
    }
    if (error) {
        fail(ErrorKind::input, "{}: its manifests cannot be read: {}", display_name(folder_),
             error.message());
    }
}

void Manifest::read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) fail(ErrorKind::input, "{}: the manifest cannot be read", display_name(path));
    for (std::string line; std::getline(file, line);) {
        if (!file.eof()) read_line(line);  // the last line of a killed process has no end
    }
}

void Manifest::read_line(const std::string& line) {
    try {
        const auto json = parse_whole_json<SortedJson>(line);
        if (json.at("schema") != kSchema) return;
        Entry entry;
        entry.identity = {json.at("options"), json.at("kernel"), json.at("version")};
        entry.input = {json.at("input_bytes"), json.at("input_time_ns")};
        entry.made_ns = json.at("made_ns");
        for (const SortedJson& output : json.at("outputs"))
            entry.outputs.emplace_back(output.at("path"), output.at("bytes"));
        Entry& youngest = entries_[json.at("key")];
        if (entry.made_ns > youngest.made_ns) youngest = std::move(entry);
    } catch (const SortedJson::exception&) {
        return;  // not a line of this program
    }
}

bool Manifest::holds(const BatchItem& item) const {
    const auto found = entries_.find(key_of(item));
    if (found == entries_.end() || !(found->second.identity == identity_)) return false;
    const Entry& entry = found->second;
    if (stamp_of(item.input) != entry.input || entry.outputs.empty()) return false;
    // The one output has its name from the item, which may hold bytes that JSON does not.
    const bool one = item.output.find('{') == std::string::npos;
    for (const auto& [path, bytes] : entry.outputs) {
        const auto present = stamp_of(one ? item.output : (fs::path(folder_) / path).string());
        if (!present || present->size != bytes) return false;
    }
    return true;
}

void Manifest::add(const BatchItem& item, const FileStamp& input,
                   const std::vector<std::string>& outputs) {
    SortedJson line{{"schema", kSchema},
                    {"key", key_of(item)},
                    {"input", absolute_name(item.input)},
                    {"input_bytes", input.size},
                    {"input_time_ns", input.time_ns},
                    {"options", identity_.options},
                    {"kernel", identity_.kernel},
                    {"version", identity_.version},
                    {"made_ns", now_ns()}};
    for (const std::string& output : outputs) {
        const auto stamp = stamp_of(output);
        line["outputs"].push_back({{"path", fs::path(output).lexically_relative(folder_).string()},
                                   {"bytes", stamp ? stamp->size : -1}});
    }
    if (!file_) {
        file_ = std::make_unique<AppendFile>((fs::path(folder_) / own_name()).string(),
                                             AppendFile::Old::refuse);
    }
    file_->add_line(line.dump(-1, ' ', false, SortedJson::error_handler_t::replace));
}

}  // namespace conv
