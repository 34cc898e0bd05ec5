#include "batch/batch_run.hpp"

#include <tbb/global_control.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <unordered_set>

#include "base/error.hpp"
#include "batch/memory_shares.hpp"
#include "batch/real_path.hpp"
#include "files/file_bytes.hpp"

namespace conv {
namespace {

namespace fs = std::filesystem;

/// A picture on its way to the records.
struct Finished {
    BatchRecord record;
    FileStamp input;
};

class Worker {
public:
    Worker(const BatchPlan& plan, const BatchRun& run)
        : run_(run), in_place_(plan.folder.empty()), shares_(run.max_memory, run.at_once) {
        if (!in_place_) folder_ = real_path(plan.folder);
    }

    Finished work(const BatchItem& item) {
        Finished finished;
        BatchRecord& record = finished.record;
        record.item = &item;
        const auto stamp = stamp_of(item.input);
        finished.input = stamp.value_or(FileStamp{});
        record.input_bytes = finished.input.size;
        if (run_.skip_made && run_.manifest->holds(item)) {
            record.outcome = Outcome::skipped;
            return finished;
        }
        try {
            filter(item, record);
            record.outcome = Outcome::done;
        } catch (const Error& error) {
            record.error = error.what();
        } catch (const std::bad_alloc&) {
            record.error = "not enough memory, use fewer --threads or --max-memory";
        } catch (const std::exception& error) {
            record.error = std::string("unexpected: ") + error.what();
        }
        return finished;
    }

private:
    void filter(const BatchItem& item, BatchRecord& record) {
        if (!in_place_) make_folder(fs::path(item.output).parent_path());
        record.report = shares_.with_share([&](const std::optional<MemoryShare>& share) {
            return filter_file({item.input, item.output, share}, run_.job,
                               [&](const FileReport& report) { check_outputs(report.outputs); });
        });
        record.lost_line = record.report->lost_line;
        std::erase(record.report->notes, record.lost_line);
    }
    /// What {k} and {page} become is known only now; links may have been made meanwhile.
    void check_outputs(const std::vector<std::string>& outputs) {
        if (in_place_) return;
        for (const std::string& output : outputs) {
            const fs::path target = real_path(output);
            if (!is_below(target, folder_)) {
                fail(ErrorKind::input, "{}: leads out of {} through a link", display_name(output),
                     display_name(folder_.string()));
            }
            const std::lock_guard lock(written_mutex_);
            if (!written_.insert(target.string()).second) {
                fail(ErrorKind::input, "{}: another picture of this batch has been written there",
                     display_name(output));
            }
        }
    }

    const BatchRun& run_;
    const bool in_place_;
    MemoryShares shares_;
    fs::path folder_;
    std::mutex written_mutex_;
    std::unordered_set<std::string> written_;
};

}  // namespace

void run_batch(const BatchPlan& plan, const BatchRun& run,
               const std::function<void(const BatchRecord&)>& finished) {
    const auto at_once = static_cast<std::size_t>(run.at_once);
    // TBB never uses more threads than cores unless told so. Each picture has threads of its own.
    const auto threads = at_once * static_cast<std::size_t>(run.job.read().threads);
    constexpr auto kThreads = tbb::global_control::max_allowed_parallelism;
    std::optional<tbb::global_control> allowed;
    if (threads > tbb::global_control::active_value(kThreads)) allowed.emplace(kThreads, threads);
    tbb::task_arena arena(run.at_once);
    Worker worker(plan, run);
    std::atomic<bool> stopped = false;
    std::size_t next = 0;
    const auto take = [&](tbb::flow_control& control) -> std::size_t {
        if (!stopped && next < plan.items.size()) return next++;
        control.stop();
        return 0;
    };
    const auto keep = [&](const std::shared_ptr<Finished>& picture) {
        const BatchRecord& record = picture->record;
        if (record.outcome == Outcome::failed && run.stop_on_error) stopped = true;
        if (record.outcome == Outcome::done && run.manifest)
            run.manifest->add(*record.item, picture->input, record.report->outputs);
        finished(record);
    };
    arena.execute([&] {
        tbb::parallel_pipeline(
            at_once, tbb::make_filter<void, std::size_t>(tbb::filter_mode::serial_in_order, take) &
                         tbb::make_filter<std::size_t, std::shared_ptr<Finished>>(
                             tbb::filter_mode::parallel,
                             [&](std::size_t item) {
                                 return std::make_shared<Finished>(worker.work(plan.items[item]));
                             }) &
                         tbb::make_filter<std::shared_ptr<Finished>, void>(
                             tbb::filter_mode::serial_out_of_order, keep));
    });
}

}  // namespace conv
