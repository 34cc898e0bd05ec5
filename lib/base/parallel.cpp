#include "base/parallel.hpp"

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <optional>

namespace conv {
namespace {

/// TBB never uses more threads than cores unless told so; tests ask for more on purpose. Fewer are
/// never asked for here: that would hold back what else is under way. Arenas do that.
void allow(int workers, std::optional<tbb::global_control>& allowed) {
    constexpr auto kThreads = tbb::global_control::max_allowed_parallelism;
    const auto wanted = static_cast<std::size_t>(workers);
    if (wanted > tbb::global_control::active_value(kThreads)) allowed.emplace(kThreads, wanted);
}

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
    tbb::task_arena arena(workers);
    std::atomic<std::int64_t> next = 0;
    // One task a worker, each taking the next index as soon as it is free.
    const auto work = [&](int) {
        const int worker = tbb::this_task_arena::current_thread_index();
        try {
            for (std::int64_t index = next++; index < count; index = next++) body(index, worker);
        } catch (...) {
            next = count;
            throw;
        }
    };
    arena.execute([&] { tbb::parallel_for(0, workers, work, tbb::simple_partitioner()); });
}

void ordered_pipeline(std::int64_t count, int threads, int slots, const PipelineSteps& steps) {
    const auto slot_of = [slots](std::int64_t index) { return static_cast<int>(index % slots); };
    const int workers = std::min(resolve_threads(threads), slots);
    if (workers == 1) {
        for (std::int64_t index = 0; index < count; ++index) {
            steps.begin(index, slot_of(index));
            steps.work(index, slot_of(index), 0);
            steps.end(index, slot_of(index));
        }
        return;
    }
    std::optional<tbb::global_control> allowed;
    allow(workers, allowed);
    tbb::task_arena arena(workers);
    std::int64_t next = 0;
    const auto begin = [&](tbb::flow_control& flow) {
        if (next == count) {
            flow.stop();
            return count;
        }
        steps.begin(next, slot_of(next));
        return next++;
    };
    const auto work = [&](std::int64_t index) {
        steps.work(index, slot_of(index), tbb::this_task_arena::current_thread_index());
        return index;
    };
    const auto end = [&](std::int64_t index) { steps.end(index, slot_of(index)); };
    using Mode = tbb::filter_mode;
    arena.execute([&] {
        tbb::parallel_pipeline(
            static_cast<std::size_t>(slots),
            tbb::make_filter<void, std::int64_t>(Mode::serial_in_order, begin) &
                tbb::make_filter<std::int64_t, std::int64_t>(Mode::parallel, work) &
                tbb::make_filter<std::int64_t, void>(Mode::serial_in_order, end));
    });
}

}  // namespace conv
