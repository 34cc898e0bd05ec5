#include "base/parallel.hpp"

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <vector>

#include "base/handover.hpp"

namespace conv {
namespace {

/// TBB never uses more threads than cores unless told so; tests ask for more on purpose. Fewer are
/// never asked for here: that would hold back what else is under way. Arenas do that.
void allow(int workers, std::optional<tbb::global_control>& allowed) {
    constexpr auto kThreads = tbb::global_control::max_allowed_parallelism;
    const auto wanted = static_cast<std::size_t>(workers);
    if (wanted > tbb::global_control::active_value(kThreads)) allowed.emplace(kThreads, wanted);
}

/// One task a worker, each taking the next index as soon as it is free.
class Tasks {
public:
    using Body = std::function<void(std::int64_t index, int worker)>;
    Tasks(std::int64_t count, const Body& body) : count_(count), body_(body) {}

    void run(int workers) {
        tbb::task_arena arena(workers);
        begun_.give();
        const Handover::Taking all{ended_};
        const auto task = [this](int) CONV_TASK_ENTRY { work(); };
        arena.execute([&] { tbb::parallel_for(0, workers, task, tbb::simple_partitioner()); });
    }

private:
    void work() {
        begun_.take();
        const Handover::Giving done{ended_};
        const int worker = tbb::this_task_arena::current_thread_index();
        try {
            for (std::int64_t index = take(); index < count_; index = take()) body_(index, worker);
        } catch (...) {
            next_ = count_;
            throw;
        }
    }
    /// No order but TBB's own is promised between two bodies.
    std::int64_t take() { return next_.fetch_add(1, std::memory_order_relaxed); }

    const std::int64_t count_;
    const Body& body_;
    std::atomic<std::int64_t> next_ = 0;
    Handover begun_, ended_;
};

/// The three filters of an ordered_pipeline.
class Pipeline {
public:
    Pipeline(std::int64_t count, int slots, const PipelineSteps& steps)
        : count_(count), steps_(steps), slots_(static_cast<std::size_t>(slots)) {}

    void run(int workers) {
        tbb::task_arena arena(workers);
        begun_.give();
        const Handover::Taking all{all_};
        const auto first = [this](tbb::flow_control& flow) CONV_TASK_ENTRY { return begin(flow); };
        const auto second = [this](std::int64_t index) CONV_TASK_ENTRY { return work(index); };
        const auto third = [this](std::int64_t index) CONV_TASK_ENTRY { end(index); };
        using Mode = tbb::filter_mode;
        arena.execute([&] {
            tbb::parallel_pipeline(
                slots_.size(),
                tbb::make_filter<void, std::int64_t>(Mode::serial_in_order, first) &
                    tbb::make_filter<std::int64_t, std::int64_t>(Mode::parallel, second) &
                    tbb::make_filter<std::int64_t, void>(Mode::serial_in_order, third));
        });
    }

private:
    std::int64_t begin(tbb::flow_control& flow) {
        begun_.take();
        const Handover::Giving all{all_}, begun{begun_};
        if (next_ == count_) {
            flow.stop();
            return count_;
        }
        const Handover::Giving filled = turn(next_);
        steps_.begin(next_, slot_of(next_));
        return next_++;
    }
    std::int64_t work(std::int64_t index) {
        const Handover::Giving all{all_}, worked = turn(index);
        steps_.work(index, slot_of(index), tbb::this_task_arena::current_thread_index());
        return index;
    }
    void end(std::int64_t index) {
        ended_.take();
        const Handover::Giving all{all_}, ended{ended_}, emptied = turn(index);
        steps_.end(index, slot_of(index));
    }

    int slot_of(std::int64_t index) const {
        return static_cast<int>(index % static_cast<std::int64_t>(slots_.size()));
    }
    /// What follows comes after the last step in the slot of `index`, and before the next one.
    Handover::Giving turn(std::int64_t index) {
        Handover& slot = slots_[static_cast<std::size_t>(slot_of(index))];
        slot.take();
        return {slot};
    }

    const std::int64_t count_;
    const PipelineSteps& steps_;
    std::int64_t next_ = 0;
    std::vector<Handover> slots_;
    Handover begun_, ended_;  ///< of the steps that are done one at a time
    Handover all_;            ///< of every step, for who waits for them
};

}  // namespace

int hardware_threads() {
    return std::max(1, tbb::this_task_arena::max_concurrency());
}

int resolve_threads(int threads) {
    return threads > 0 ? threads : hardware_threads();
}

void parallel_for(std::int64_t count, int threads,
                  const std::function<void(std::int64_t index, int worker)>& body) {
    const int workers = static_cast<int>(
        std::min<std::int64_t>(resolve_threads(threads), std::max<std::int64_t>(count, 1)));
    if (workers == 1) {
        for (std::int64_t index = 0; index < count; ++index) body(index, 0);
        return;
    }
    std::optional<tbb::global_control> allowed;
    allow(workers, allowed);
    Tasks(count, body).run(workers);
}

void ordered_pipeline(std::int64_t count, int threads, int slots, const PipelineSteps& steps) {
    const int workers = std::min(resolve_threads(threads), slots);
    if (workers == 1) {
        for (std::int64_t index = 0; index < count; ++index) {
            const int slot = static_cast<int>(index % slots);
            steps.begin(index, slot);
            steps.work(index, slot, 0);
            steps.end(index, slot);
        }
        return;
    }
    std::optional<tbb::global_control> allowed;
    allow(workers, allowed);
    Pipeline(count, slots, steps).run(workers);
}

}  // namespace conv
