#include "batch/batch_tally.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "files/file_bytes.hpp"

namespace conv {
namespace {

/// More notes than these are in the report, not on the screen.
constexpr std::size_t kMostNotes = 8;

std::string headline(const BatchTally& tally) {
    std::string line = fmt::format("{} done", pictures(tally.done));
    if (tally.skipped > 0) line += fmt::format(", {} skipped", tally.skipped);
    if (tally.failed > 0) line += fmt::format(", {} failed", tally.failed);
    const std::int64_t left = tally.total - tally.finished();
    if (left > 0) line += fmt::format(", {} not begun", left);
    line += " in " + duration_text(tally.seconds);
    if (tally.done > 0 && tally.seconds > 0) {
        line += fmt::format(" ({:.3g} pictures/s, {:.3g} MB/s)",
                            static_cast<double>(tally.done) / tally.seconds,
                            static_cast<double>(tally.bytes) / tally.seconds / 1e6);
    }
    return line;
}

}  // namespace

std::string pictures(std::int64_t count) {
    return fmt::format("{} picture{}", count, count == 1 ? "" : "s");
}

std::string duration_text(double seconds) {
    constexpr std::int64_t kMinute = 60, kHour = 3600;
    if (seconds < 10) return fmt::format("{:.2g} s", seconds);
    const auto whole = static_cast<std::int64_t>(std::llround(seconds));
    if (whole < kMinute) return fmt::format("{} s", whole);
    if (whole < kHour) return fmt::format("{} min {} s", whole / kMinute, whole % kMinute);
    return fmt::format("{} h {} min", whole / kHour, whole % kHour / kMinute);
}

std::string failure_text(const std::string& input, const std::string& why) {
    const std::string name = display_name(input);
    return why.starts_with(name) ? why : name + ": " + why;
}

void BatchTally::add(const BatchRecord& record) {
    if (record.outcome == Outcome::done) ++done;
    if (record.outcome == Outcome::skipped) ++skipped;
    if (record.outcome == Outcome::failed) {
        ++failed;
        failures.emplace_back(record.item->input, record.error);
    }
    if (!record.report) return;
    bytes += record.input_bytes;
    values += record.report->filter.values;
    below += record.report->filter.lost.below;
    above += record.report->filter.lost.above;
    if (!record.lost_line.empty()) ++clamped_pictures;
    for (const std::string& note : record.report->notes) {
        if (std::find(notes.begin(), notes.end(), note) == notes.end() &&
            notes.size() <= kMostNotes)
            notes.push_back(note);
    }
}

std::vector<std::string> summary_lines(const BatchTally& tally) {
    std::vector<std::string> lines{headline(tally)};
    if (tally.clamped_pictures > 0) {
        lines.push_back(fmt::format(
            "{:.1f} % of all values were lost to clamping ({} below and {} above the range), more "
            "than 1 % in {}",
            100.0 * static_cast<double>(tally.below + tally.above) /
                static_cast<double>(tally.values),
            tally.below, tally.above, pictures(tally.clamped_pictures)));
    }
    for (std::size_t i = 0; i < std::min(tally.notes.size(), kMostNotes); ++i)
        lines.push_back("note: " + tally.notes[i]);
    if (tally.notes.size() > kMostNotes)
        lines.emplace_back("note: there are more notes, --report keeps all");
    for (const auto& [input, why] : tally.failures)
        lines.push_back("failed: " + failure_text(input, why));
    return lines;
}

}  // namespace conv
