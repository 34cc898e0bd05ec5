#pragma once

#include <chrono>
#include <iosfwd>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "batch/batch_tally.hpp"
#include "batch/progress.hpp"
#include "files/output/append_file.hpp"
#include "options/batch_options.hpp"

namespace conv {

/// Everything that a batch tells while it runs and at its end: progress, notes, a line a picture
/// for -v, the report, the summary. Thread-safe.
class BatchTalk {
public:
    /// `options` and `err` outlive this object. Begins the report. Throws Error{usage} where shards
    /// would write one report, Error{input} where it cannot be written.
    BatchTalk(const BatchOptions& options, const Shard& shard, std::int64_t total,
              std::ostream& err);

    void note(const std::vector<std::string>& lines);
    void finished(const BatchRecord& record);
    /// What stands on the screen after a signal. Nothing is told or recorded after it.
    void stopped_by(int signal);
    void summarise();
    const BatchTally& tally() const { return tally_; }

private:
    using Clock = std::chrono::steady_clock;

    void open_report(const Shard& shard);
    void tell(const BatchRecord& record);

    const BatchOptions& options_;
    std::ostream& err_;
    Progress progress_;
    BatchTally tally_;
    std::unique_ptr<AppendFile> report_;
    std::mutex mutex_;
    Clock::time_point start_ = Clock::now();
};

}  // namespace conv
