#include "batch/batch_talk.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/error.hpp"
#include "files/codec_messages.hpp"
#include "files/file_bytes.hpp"
#include "text/terminal.hpp"

namespace conv {

BatchTalk::BatchTalk(const BatchOptions& options, const Shard& shard, std::int64_t total,
                     std::ostream& err)
    : options_(options),
      err_(err),
      progress_(options.output.quiet ? ProgressStyle::none
                                     : parse_progress(options.progress, isatty(STDERR_FILENO) != 0),
                err) {
    tally_.total = total;
    if (!options.report.empty()) open_report(shard);
}

void BatchTalk::open_report(const Shard& shard) {
    std::string path = options_.report;
    constexpr std::string_view kMark = "{shard}";
    const std::size_t mark = path.find(kMark);
    if (mark == std::string::npos && shard.count > 1) {
        fail(ErrorKind::usage,
             "--report {}: {} shards would write one file, put {{shard}} into its name",
             display_name(path), shard.count);
    }
    if (mark != std::string::npos) path.replace(mark, kMark.size(), std::to_string(shard.index));
    report_ = std::make_unique<AppendFile>(
        path, options_.resume ? AppendFile::Old::append : AppendFile::Old::replace);
}

void BatchTalk::note(const std::vector<std::string>& lines) {
    if (options_.output.quiet) return;
    const std::lock_guard lock(mutex_);
    for (const std::string& line : lines)
        err_ << "conv-cli: note: " << printable_line(line) << '\n';
}

void BatchTalk::finished(const BatchRecord& record) {
    const std::lock_guard lock(mutex_);
    tally_.add(record);
    tally_.seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    if (report_) {
        using Json = nlohmann::ordered_json;
        report_->add_line(record_json(record).dump(-1, ' ', false, Json::error_handler_t::replace));
    }
    const auto shown = shown_standard_error();
    if (options_.output.verbose) tell(record);
    progress_.show(tally_);
}

void BatchTalk::tell(const BatchRecord& record) {
    progress_.clear();
    std::string line =
        record.error.empty() ? record.item->input : failure_text(record.item->input, record.error);
    if (record.report) {
        const FileReport& report = *record.report;
        line += fmt::format(" -> {}, {} x {}, {}, {:.3g} ms", fmt::join(report.outputs, " "),
                            report.input.first.shape.W, report.input.first.shape.H,
                            report.filter.choice.method->name, report.seconds.wall * 1e3);
    }
    err_ << outcome_word(record.outcome) << ": " << printable_line(line) << '\n';
}

void BatchTalk::stopped_by(int signal) {
    mutex_.lock();
    const auto shown = shown_standard_error();
    progress_.clear();
    if (options_.output.quiet) return;
    err_ << fmt::format("conv-cli: batch: stopped by SIG{}, {} of {} finished, --resume goes on",
                        sigabbrev_np(signal), tally_.finished(), tally_.total)
         << std::endl;
}

void BatchTalk::summarise() {
    const std::lock_guard lock(mutex_);
    progress_.clear();
    for (const std::string& line : summary_lines(tally_)) {
        if (!options_.output.quiet || line.starts_with("failed: "))
            err_ << "conv-cli: batch: " << printable_line(line) << '\n';
    }
}

}  // namespace conv
