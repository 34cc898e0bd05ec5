#pragma once

#include <chrono>
#include <iosfwd>
#include <string>

#include "batch/batch_tally.hpp"

namespace conv {

/// How a batch shows how far it is.
enum class ProgressStyle { none, bar, plain, json };

/// Reads "auto", "bar", "plain", "json" or "none"; auto is a bar on a terminal, else none. Throws
/// Error{usage} that lists them.
ProgressStyle parse_progress(const std::string& word, bool on_terminal);

/// The line of a bar: done of total, pictures a second, megabytes a second, time left, failures; no
/// wider than `width` columns.
std::string progress_text(const BatchTally& tally, std::size_t width);

/// Shows a batch's progress on a stream. A bar is one line that is drawn again in its place and
/// taken away by clear(); plain and JSON are lines of a log.
class Progress {
public:
    Progress(ProgressStyle style, std::ostream& err);
    ~Progress() { clear(); }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// Shows where the batch stands, if the last time is long enough ago or it is at its end.
    void show(const BatchTally& tally);
    /// Takes the bar away, so that a line can be written.
    void clear();

private:
    using Clock = std::chrono::steady_clock;

    ProgressStyle style_;
    std::ostream& err_;
    Clock::time_point next_;
    bool drawn_ = false;
};

}  // namespace conv
