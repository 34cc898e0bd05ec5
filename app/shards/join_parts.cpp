#include "shards/join_parts.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>

#include "base/error.hpp"
#include "batch/content_hash.hpp"
#include "files/file_stamp.hpp"
#include "files/format_table.hpp"
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
    if (header.format != first.header().format) {
        fail(ErrorKind::input, "{} and {} are parts of files of different formats",
             display_name(first.path()), name);
    }
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

/// Whether a file holds some bytes at a place.
bool has_bytes(const ByteSource& file, std::int64_t offset, ByteView bytes) {
    std::vector<std::uint8_t> there(bytes.size());
    return file.read_at(offset, there.data(), there.size()) == there.size() &&
           std::equal(bytes.begin(), bytes.end(), there.begin());
}

/// Whether a file holds what a part says. Of blocks those of the first page are looked for, which
/// lie at `place`: it is moved behind them.
bool holds(const ByteSource& file, const PartReader& part, std::int64_t& place) {
    bool same = true;
    const std::optional<PartBlocks>& blocks = part.header().blocks;
    if (!blocks) {
        part.read([&](std::int64_t offset, ByteView bytes) {
            same = same && has_bytes(file, offset, bytes);
        });
        return same;
    }
    if (place == 0) place = blocks->begin;
    if (blocks->runs.empty() || blocks->runs.front().page != 0) return true;
    read_held(part.path(), 0, bytes_of(blocks->runs.front()), [&](ByteView bytes) {
        same = same && has_bytes(file, place, bytes);
        place += static_cast<std::int64_t>(bytes.size());
    });
    return same;
}

/// The last ones first: those that are left when this is killed are the first ones, and where their
/// blocks lie is known.
void remove_parts(const Parts& parts) {
    for (auto part = parts.paths.rbegin(); part != parts.paths.rend(); ++part) {
        if (unlink(part->second.c_str()) != 0 && errno != ENOENT) {
            fail(ErrorKind::input, "{}: cannot be removed: {}", display_name(part->second),
                 std::strerror(errno));
        }
    }
}

/// An attribute of a joined file: the plan of its parts. Old files that happen to agree with some
/// parts do not have it.
constexpr const char* kPlanAttribute = "user.conv-cli.parts";

std::string plan_mark(const PartHeader& header) {
    ContentHash hash;
    hash.add_number(header.count);
    for (const auto& [name, value] : header.plan) hash.add(fmt::format("{}={}\n", name, value));
    return hash.text();
}

/// Whether a file was made by the plan of a part: as its attribute says, or, on file systems that
/// have none, by its age.
bool is_of_plan(const std::string& output, const PartReader& part) {
    std::array<char, 64> mark{};
    const ssize_t size = getxattr(output.c_str(), kPlanAttribute, mark.data(), mark.size());
    if (size >= 0)
        return std::string(mark.data(), static_cast<std::size_t>(size)) == plan_mark(part.header());
    const auto made = stamp_of(output), part_made = stamp_of(part.path());
    return made && part_made && made->time_ns >= part_made->time_ns;
}

/// A call that was killed after the file had appeared left some of the parts.
JoinReport finish_removal(const std::string& output, const Parts& parts) {
    std::error_code ignored;
    const std::vector<std::int64_t> missing = parts.missing();
    bool done = fs::is_regular_file(output, ignored);
    if (done) {
        const ByteSource file(output);
        std::int64_t place = 0;
        for (const auto& [index, path] : parts.paths) {
            const PartReader part(path);
            done = done && is_of_plan(output, part) && holds(file, part, place);
        }
    }
    if (!done) {
        fail(ErrorKind::input, "{}: part{} {} of {} {} missing, run the shard{} again",
             display_name(output), missing.size() == 1 ? "" : "s", fmt::join(missing, ", "),
             parts.count, missing.size() == 1 ? "is" : "are", missing.size() == 1 ? "" : "s");
    }
    remove_parts(parts);
    return {static_cast<std::int64_t>(parts.paths.size()), 0, true, {}};
}

/// Copies bytes to where they belong.
void copy_places(const Parts& parts, ByteSink& sink) {
    for (const auto& [index, path] : parts.paths) {
        PartReader(path).read(
            [&](std::int64_t offset, ByteView bytes) { sink.write_at(offset, bytes); });
    }
}

const FileFormat& joined_format(const PartHeader& header) {
    for (const FileFormat& format : file_formats()) {
        if (format.holds.name == header.format && format.join) return format;
    }
    fail(ErrorKind::input, "'{}' is no format whose parts can be joined, make them again",
         display_name(header.format));
}

/// Puts blocks together as their format does.
void copy_blocks(const Parts& parts, const std::vector<PartHeader>& headers, ByteSink& sink) {
    struct Held {
        BlockRun run;
        std::string path;
        std::int64_t first;  ///< in the part
    };
    std::vector<Held> held;
    auto header = headers.begin();
    for (const auto& [index, path] : parts.paths) {
        std::int64_t first = 0;
        for (const BlockRun& run : (header++)->blocks->runs) {
            held.push_back({run, path, first});
            first += bytes_of(run);
        }
    }
    std::stable_sort(held.begin(), held.end(),
                     [](const Held& a, const Held& b) { return a.run.page < b.run.page; });
    std::vector<BlockRun> runs;
    runs.reserve(held.size());
    for (const Held& each : held) runs.push_back(each.run);
    const auto copy = [&](std::size_t i) {
        read_held(held[i].path, held[i].first, bytes_of(held[i].run),
                  [&](ByteView bytes) { sink.write(bytes); });
    };
    joined_format(headers.front()).join(headers.front().blocks->tail, runs, copy, sink);
}

/// The headers of all parts, which tell one plan and are all of a file.
std::vector<PartHeader> checked_headers(const std::string& output, const Parts& parts) {
    std::vector<PartHeader> headers;
    std::vector<PartSegment> segments;
    const PartReader first(parts.paths.begin()->second);
    for (const auto& [index, path] : parts.paths) {
        const PartReader part(path);
        check_same_plan(first, part, index, parts.count);
        headers.push_back(part.header());
        const auto& more = part.header().segments;
        segments.insert(segments.end(), more.begin(), more.end());
    }
    if (headers.front().format.empty()) check_complete(segments, output);
    return headers;
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
    const std::vector<PartHeader> headers = checked_headers(output, found);
    PendingFile file(output, display_name(output));
    ByteSink sink(file.descriptor(), display_name(output));
    if (headers.front().blocks)
        copy_blocks(found, headers, sink);
    else
        copy_places(found, sink);
    const std::string mark = plan_mark(headers.front());
    // Without an attribute its age will tell.
    static_cast<void>(fsetxattr(file.descriptor(), kPlanAttribute, mark.data(), mark.size(), 0));
    struct stat status = {};
    fstat(file.descriptor(), &status);
    file.finish(sync);
    file.commit(sync);
    remove_parts(found);
    return {found.count, status.st_size, false, {}};
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
