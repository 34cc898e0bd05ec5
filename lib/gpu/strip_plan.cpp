#include "gpu/strip_plan.hpp"

#include <algorithm>
#include <cassert>
#include <condition_variable>
#include <cstring>
#include <mutex>

#include "base/error.hpp"
#include "base/size.hpp"
#include "conv/run_contract.hpp"

namespace conv::gpu {
namespace {

// Two strips let a thread pad one while the device works on the other; more threads share more.
constexpr std::size_t kSlotsPerRun = 2;
constexpr std::size_t kMostSlots = 4;
// Strips of one call of run(): two overlap even on one thread, four hide the first upload and the
// last download well; fewer where that leaves blocks for several threads to pad and copy out.
constexpr std::int64_t kLeastStripsPerBlock = 2, kMostStripsPerBlock = 4, kWantedBlocks = 4;

std::int64_t block_rows(const Problem& problem, std::int64_t strip_rows) {
    const std::int64_t strips = ceil_div(problem.P(), strip_rows);
    const std::int64_t together =
        std::clamp(ceil_div(strips, kWantedBlocks), kLeastStripsPerBlock, kMostStripsPerBlock);
    return std::min(strip_rows * together, problem.P());
}

/// The slots of a plan: made when first needed, shared by the threads that run it.
class SlotPool {
public:
    explicit SlotPool(StripWork work) : work_(std::move(work)) {
        slots_.push_back(work_.make_slot());
        free_.push_back(slots_.back().get());
    }
    const StripWork& work() const { return work_; }

    /// One slot, waiting for it, or two where there are `strips` for it and it is free or can be
    /// made.
    std::vector<StripSlot*> take(std::int64_t strips) {
        const std::size_t wanted = strips > 1 ? kSlotsPerRun : 1;
        std::unique_lock lock(mutex_);
        std::vector<StripSlot*> taken;
        while (taken.size() < wanted) {
            if (free_.empty() && !grow()) {
                if (!taken.empty()) break;
                returned_.wait(lock, [&] { return !free_.empty(); });
            }
            taken.push_back(free_.back());
            free_.pop_back();
        }
        return taken;
    }
    void give_back(const std::vector<StripSlot*>& slots) {
        const std::lock_guard lock(mutex_);
        free_.insert(free_.end(), slots.begin(), slots.end());
        returned_.notify_all();
    }
    /// A strip is done.
    void count(const DeviceTimes& times) {
        const std::lock_guard lock(mutex_);
        times_ += times;
        ++times_.strips;
    }
    DeviceTimes times() const {
        const std::lock_guard lock(mutex_);
        return times_;
    }

private:
    /// Makes one more slot; false where that is of no use or there is no memory for it.
    bool grow() {
        if (slots_.size() == limit_) return false;
        try {
            slots_.push_back(work_.make_slot());
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::memory) throw;
            limit_ = slots_.size();
            return false;
        }
        free_.push_back(slots_.back().get());
        return true;
    }

    StripWork work_;
    mutable std::mutex mutex_;
    std::condition_variable returned_;
    std::vector<std::unique_ptr<StripSlot>> slots_;
    std::vector<StripSlot*> free_;
    std::size_t limit_ = kMostSlots;
    DeviceTimes times_;
};

/// The strips that one call of run() or run_u8() has in flight, finished in order.
template <typename T>
class Flight {
public:
    Flight(SlotPool& pool, TensorView<T> dst)
        : pool_(pool),
          dst_(dst),
          slots_(pool.take(ceil_div(dst.shape.H, pool.work().input.rows))),
          pending_(slots_.size()) {}
    Flight(const Flight&) = delete;
    Flight& operator=(const Flight&) = delete;
    ~Flight() {
        for (std::size_t i = 0; i < slots_.size(); ++i) abandon(i);
        pool_.give_back(slots_);
    }

    /// Starts output rows [first, first + count) of the block, which are `rows` of the picture.
    void start(const Source& source, RowRange rows, std::int64_t first, SampleType type) {
        const std::size_t slot = next_;
        next_ = (next_ + 1) % slots_.size();
        finish(slot);
        const StripRows filled =
            fill_strip(pool_.work().input, source, rows, type, slots_[slot]->input());
        slots_[slot]->start(filled, type, kResult);
        pending_[slot] = {first, rows.count};
    }
    /// What all of them together lost.
    Lost finish_all() {
        for (std::size_t i = 0; i < slots_.size(); ++i) finish((next_ + i) % slots_.size());
        return lost_;
    }

private:
    static constexpr SampleType kResult =
        std::is_same_v<T, float> ? SampleType::f32 : SampleType::u8;

    void finish(std::size_t slot) {
        const RowRange rows = std::exchange(pending_[slot], RowRange{});
        if (rows.count == 0) return;
        pool_.count(slots_[slot]->wait());
        const T* results = static_cast<const T*>(slots_[slot]->results());
        const TensorView<T> dst = dst_.rows(rows.first, rows.count);
        if constexpr (kResult == SampleType::u8) {
            const ResultLayout& layout = pool_.work().byte_layout();
            store_results(layout, results, dst);
            StripLost lost{};
            std::memcpy(&lost, results + layout.size, sizeof(lost));
            lost_ += {lost.below, lost.above};
        } else if (pool_.work().store) {
            pool_.work().store(results, dst);
        } else {
            store_results(pool_.work().results, results, dst);
        }
    }
    /// Another strip failed: the device must be done with this one's memory all the same.
    void abandon(std::size_t slot) noexcept {
        if (pending_[slot].count == 0) return;
        try {
            slots_[slot]->wait();
        } catch (const Error&) {
            // The first failure is the one that is reported.
        }
    }

    SlotPool& pool_;
    TensorView<T> dst_;
    Lost lost_;
    std::vector<StripSlot*> slots_;
    std::vector<RowRange> pending_;
    std::size_t next_ = 0;
};

template <typename T>
Lost run_strips(SlotPool& pool, const Source& source, RowRange rows, TensorView<T> dst) {
    const StripWork& work = pool.work();
    assert(run_operands_fit(work.input.problem, source, rows, dst));
    const SampleType type =
        work.float_only ? SampleType::f32 : travel_type(work.input.problem, source);
    Flight<T> flight(pool, dst);
    for (std::int64_t first = 0; first < rows.count; first += work.input.rows) {
        const std::int64_t count = std::min(work.input.rows, rows.count - first);
        flight.start(source, {rows.first + first, count}, first, type);
    }
    return flight.finish_all();
}

}  // namespace

Plan strip_plan(const Problem& problem, std::int64_t rows, std::int64_t unit,
                const std::function<StripWork(std::int64_t)>& make) {
    std::shared_ptr<SlotPool> pool;
    while (!pool) {
        try {
            pool = std::make_shared<SlotPool>(make(rows));
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::memory || rows <= unit) throw;
            rows = round_up(rows / 2, unit);
        }
    }
    const Memory memory = strip_memory(problem, rows);
    return {.workspace_bytes = memory.workspace,
            .kept_bytes = memory.kept,
            .block_rows = memory.block_rows,
            .run = [pool](const Source& source, RowRange range, TensorView<float> dst,
                          float*) { run_strips(*pool, source, range, dst); },
            .run_u8 = [pool](const Source& source, RowRange range, TensorView<std::uint8_t> dst,
                             float*) { return run_strips(*pool, source, range, dst); },
            .useful_runs = memory.useful_runs,
            .device_times = [pool] { return pool->times(); }};
}

std::int64_t strip_rows(const Problem& problem, std::int64_t scratch_per_row, std::int64_t unit,
                        std::int64_t bytes) {
    const StripLayout one(problem, 1);
    const std::int64_t input_row =
        problem.stride_h * problem.stride_w * problem.C * one.line * kFloatBytes;
    const std::int64_t result_row = problem.K * planar_results(problem, 1).line * kFloatBytes;
    const std::int64_t per_row = input_row + result_row + scratch_per_row;
    const std::int64_t wanted = std::max<std::int64_t>(bytes / per_row, 1);
    const std::int64_t most = std::max(kMostRows / unit * unit, unit);
    return std::min({round_up(wanted, unit), round_up(problem.P(), unit), most});
}

Memory strip_memory(const Problem& problem, std::int64_t rows) {
    const std::int64_t samples =
        StripLayout(problem, rows).size() + planar_results(problem, rows).size;
    return {.kept = static_cast<std::int64_t>(kMostSlots) * samples * kFloatBytes,
            .block_rows = block_rows(problem, rows),
            .useful_runs = kMostSlots};
}

}  // namespace conv::gpu
