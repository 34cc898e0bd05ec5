#include "batch/batch_run.hpp"

#include <tbb/global_control.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_set>
#include <vector>

#include "base/error.hpp"
#include "base/handover.hpp"
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

/// The pictures of a batch, several at once: begun in order, kept one at a time.
class BatchPipeline {
public:
    BatchPipeline(const BatchPlan& plan, const BatchRun& run,
                  const std::function<void(const BatchRecord&)>& finished)
        : plan_(plan),
          run_(run),
          finished_(finished),
          worker_(plan, run),
          under_way_(plan.items.size()) {}

    void run() {
        tbb::task_arena arena(run_.at_once);
        begun_.give();
        const Handover::Taking all{all_};
        const auto first = [this](tbb::flow_control& flow) CONV_TASK_ENTRY { return begin(flow); };
        const auto second = [this](std::size_t item) CONV_TASK_ENTRY { return work(item); };
        const auto third = [this](std::size_t item) CONV_TASK_ENTRY { keep(item); };
        using Mode = tbb::filter_mode;
        arena.execute([&] {
            tbb::parallel_pipeline(
                static_cast<std::size_t>(run_.at_once),
                tbb::make_filter<void, std::size_t>(Mode::serial_in_order, first) &
                    tbb::make_filter<std::size_t, std::size_t>(Mode::parallel, second) &
                    tbb::make_filter<std::size_t, void>(Mode::serial_out_of_order, third));
        });
    }

private:
    std::size_t begin(tbb::flow_control& flow) {
        begun_.take();
        const Handover::Giving all{all_}, begun{begun_};
        if (!stopped_ && next_ < plan_.items.size()) return next_++;
        flow.stop();
        return 0;
    }
    std::size_t work(std::size_t item) {
        begun_.take();
        const Handover::Giving all{all_}, worked{kept_};
        under_way_[item] = std::make_unique<Finished>(worker_.work(plan_.items[item]));
        return item;
    }
    void keep(std::size_t item) {
        kept_.take();
        const Handover::Giving all{all_}, kept{kept_};
        const std::unique_ptr<Finished> picture = std::move(under_way_[item]);
        const BatchRecord& record = picture->record;
        if (record.outcome == Outcome::failed && run_.stop_on_error) stopped_ = true;
        if (record.outcome == Outcome::done && run_.manifest)
            run_.manifest->add(*record.item, picture->input, record.report->outputs);
        finished_(record);
    }

    const BatchPlan& plan_;
    const BatchRun& run_;
    const std::function<void(const BatchRecord&)>& finished_;
    Worker worker_;
    std::vector<std::unique_ptr<Finished>> under_way_;  ///< the item's, between work() and keep()
    std::atomic<bool> stopped_ = false;
    std::size_t next_ = 0;
    Handover begun_, kept_, all_;  ///< the last: for who waits
};

}  // namespace

void run_batch(const BatchPlan& plan, const BatchRun& run,
               const std::function<void(const BatchRecord&)>& finished) {
    // TBB never uses more threads than cores unless told so. Each picture has threads of its own.
    const auto threads =
        static_cast<std::size_t>(run.at_once) * static_cast<std::size_t>(run.job.read().threads);
    constexpr auto kThreads = tbb::global_control::max_allowed_parallelism;
    std::optional<tbb::global_control> allowed;
    if (threads > tbb::global_control::active_value(kThreads)) allowed.emplace(kThreads, threads);
    BatchPipeline(plan, run, finished).run();
}

}  // namespace conv
