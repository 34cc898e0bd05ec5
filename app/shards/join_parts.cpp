#include "shards/join_parts.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>

#include "base/error.hpp"
#include "files/output/abandoned_files.hpp"
#include "shards/part_file.hpp"

namespace conv {
namespace {

namespace fs = std::filesystem;

/// The parts beside an output by their index, and how many there should be.
struct Parts {
    std::map<std::int64_t, std::string> paths;
    std::int64_t count = 0;

    std::vector<std::int64_t> missing() const {
        std::vector<std::int64_t> all;
        for (std::int64_t i = 1; i <= count; ++i) {
            if (!paths.contains(i)) all.push_back(i);
        }
        return all;
    }
};

Parts find_parts(const std::string& output) {
    const fs::path path(output);
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    Parts parts;
    std::error_code error;
    fs::directory_iterator entries(folder, error);
    for (const fs::directory_iterator end; !error && entries != end; entries.increment(error)) {
        const std::string name = entries->path().filename().string();
        const auto part = part_of(name, path.filename().string());
        if (!part) continue;
        const auto& [index, count] = *part;
        if (parts.count != 0 && parts.count != count) {
            fail(ErrorKind::input,
                 "{}: has parts of {} and of {} ({}), remove those that do not belong to it",
                 display_name(output), parts.count, count, display_name(name));
        }
        parts.count = count;
        parts.paths[index] = path.has_parent_path() ? (path.parent_path() / name).string() : name;
    }
    if (error) {
        fail(ErrorKind::input, "{}: the folder cannot be read: {}", display_name(folder.string()),
             error.message());
    }
    return parts;
}

/// Throws where a part is another's, or was made by another plan than the first.
void check_same_plan(const PartReader& first, const PartReader& part, std::int64_t index,
                     std::int64_t count) {
    const std::string name = display_name(part.path());
    const PartHeader& header = part.header();
    if (header.index != index || header.count != count) {
        fail(ErrorKind::input, "{}: is part {} of {}, its name says otherwise", name, header.index,
             header.count);
    }
    const auto& plan = first.header().plan;
    if (header.plan == plan) return;
    for (std::size_t i = 0; i < std::min(plan.size(), header.plan.size()); ++i) {
        if (header.plan[i] == plan[i]) continue;
        fail(ErrorKind::input, "{} and {} disagree in {}: {} and {}, make them again alike",
             display_name(first.path()), name, plan[i].first, plan[i].second,
             header.plan[i].second);
    }
    fail(ErrorKind::input, "{} and {} were made by different programs", display_name(first.path()),
         name);
}

/// All bytes of a file, each once.
void check_complete(std::vector<PartSegment> segments, const std::string& output) {
    std::sort(segments.begin(), segments.end(),
              [](const PartSegment& a, const PartSegment& b) { return a.offset < b.offset; });
    std::int64_t end = 0;
    for (const PartSegment& segment : segments) {
        if (segment.offset != end) {
            fail(ErrorKind::input, "{}: its parts do not fit together at byte {}, make them again",
                 display_name(output), std::min(segment.offset, end));
        }
        end += segment.bytes;
    }
}

/// Whether a file holds what a part says.
bool holds(const ByteSource& file, const PartReader& part) {
    bool same = true;
    std::vector<std::uint8_t> there;
    part.read([&](std::int64_t offset, ByteView bytes) {
        there.resize(bytes.size());
        same = same && file.read_at(offset, there.data(), there.size()) == there.size() &&
               std::equal(bytes.begin(), bytes.end(), there.begin());
    });
    return same;
}

void remove_parts(const Parts& parts) {
    for (const auto& [index, path] : parts.paths) {
        if (unlink(path.c_str()) != 0 && errno != ENOENT) {
            fail(ErrorKind::input, "{}: cannot be removed: {}", display_name(path),
                 std::strerror(errno));
        }
    }
}

/// A call that was killed after the file had appeared left some of the parts.
JoinReport finish_removal(const std::string& output, const Parts& parts) {
    std::error_code ignored;
    const std::vector<std::int64_t> missing = parts.missing();
    bool done = fs::is_regular_file(output, ignored);
    if (done) {
        const ByteSource file(output);
        for (const auto& [index, path] : parts.paths) done = done && holds(file, PartReader(path));
    }
    if (!done) {
        fail(ErrorKind::input, "{}: part{} {} of {} {} missing, run the shard{} again",
             display_name(output), missing.size() == 1 ? "" : "s", fmt::join(missing, ", "),
             parts.count, missing.size() == 1 ? "is" : "are", missing.size() == 1 ? "" : "s");
    }
    remove_parts(parts);
    return {static_cast<std::int64_t>(parts.paths.size()), 0, true, {}};
}

/// As join_parts(), but for what killed processes have left.
JoinReport join_found(const std::string& output, bool sync) {
    const Parts found = find_parts(output);
    std::error_code ignored;
    if (found.paths.empty()) {
        if (fs::is_regular_file(output, ignored)) return {0, 0, true, {}};
        fail(ErrorKind::input, "{}: has no parts, make them with apply --shard I/N",
             display_name(output));
    }
    if (!found.missing().empty()) return finish_removal(output, found);
    std::vector<PartSegment> segments;
    const PartReader first(found.paths.begin()->second);
    for (const auto& [index, path] : found.paths) {
        const PartReader part(path);
        check_same_plan(first, part, index, found.count);
        const auto& more = part.header().segments;
        segments.insert(segments.end(), more.begin(), more.end());
    }
    check_complete(segments, output);
    JoinReport report{found.count, 0, false, {}};
    PendingFile file(output, display_name(output));
    ByteSink sink(file.descriptor(), display_name(output));
    for (const auto& [index, path] : found.paths) {
        PartReader(path).read([&](std::int64_t offset, ByteView bytes) {
            sink.write_at(offset, bytes);
            report.bytes += static_cast<std::int64_t>(bytes.size());
        });
    }
    file.finish(sync);
    file.commit(sync);
    remove_parts(found);
    return report;
}

}  // namespace

JoinReport join_parts(const std::string& output, bool sync) {
    std::vector<std::string> notes =
        remove_abandoned_files(fs::path(output).parent_path().string());
    JoinReport report = join_found(output, sync);
    report.notes = std::move(notes);
    return report;
}

}  // namespace conv
