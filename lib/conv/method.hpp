#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "conv/memory.hpp"
#include "conv/problem.hpp"
#include "tensor/convert.hpp"
#include "tensor/rows.hpp"
#include "tensor/source.hpp"
#include "tensor/view.hpp"

namespace conv {

/// The numbers of a convolution as the fractions that they are: numerators over one denominator.
struct WholeNumbers {
    std::span<const std::int32_t> values;  ///< as Weights::values
    std::span<const std::int32_t> bias;    ///< as Weights::bias
    std::int64_t denominator = 0;          ///< 0: no such fractions are known
};

/// The numbers of a convolution, non-owning.
struct Weights {
    std::span<const float> values;  ///< K x C/groups x R x S, row-major
    std::span<const float> bias;    ///< K numbers, or empty for none
    WholeNumbers whole = {};        ///< of which `values` and `bias` are the nearest floats
};

/// Seconds that a device reports to have spent on a plan's runs so far, and on how many strips:
/// rows that it takes at once.
struct DeviceTimes {
    double upload = 0, compute = 0, download = 0;
    std::int64_t strips = 0;

    DeviceTimes& operator+=(const DeviceTimes& other) {
        upload += other.upload;
        compute += other.compute;
        download += other.download;
        strips += other.strips;
        return *this;
    }
};

/// Seconds that a device is predicted to take for one run, apart.
struct DeviceCost {
    double start_up = 0;  ///< its first use in a process: context, device code
    double upload = 0, compute = 0, download = 0;

    double total() const { return start_up + upload + compute + download; }
};

/// One of `count` shares of the maps of a block.
struct MapShare {
    std::int64_t index = 0, count = 1;
};

/// A method made ready for one problem and one set of weights; the plan owns what it needs of them.
struct Plan {
    /// Scratch that one call of run() uses, exactly: run() allocates nothing.
    std::int64_t workspace_bytes = 0;
    /// What the plan itself keeps, once for all threads: the weights in its own form.
    std::int64_t kept_bytes = 0;
    /// Output rows per call that suit the cache. It depends on the problem alone, never on the
    /// number of threads, so that the same command gives the same bytes for any of them.
    std::int64_t block_rows = 1;
    /// Computes output rows [rows.first, rows.first + rows.count) of all N pictures, on the
    /// processor block_rows at most, into dst: N x K x rows.count x Q, overlapping nothing, its
    /// pictures interleaved (strides.W = N, and strides.N = 1 where N > 1), rows and maps anywhere.
    /// `workspace` is workspace_bytes long, kBufferAlignment-aligned. Thread-safe with one each.
    std::function<void(const Source& src, RowRange rows, TensorView<float> dst, float* workspace)>
        run;
    /// run() for a share of the maps, of up to map_shares: the same bytes, other maps untouched.
    /// Empty where there is only one share.
    std::int64_t map_shares = 1;
    std::function<void(const MapShare& share, const Source& src, RowRange rows,
                       TensorView<float> dst, float* workspace)>
        run_share = nullptr;
    /// The same sums of 8-bit samples rounded half to even and saturated to 8 bits, without a pass
    /// over float results; returns what was lost. Empty: the method leaves that to its caller.
    std::function<Lost(const Source& src, RowRange rows, TensorView<std::uint8_t> dst,
                       float* workspace)>
        run_u8 = nullptr;
    /// How many calls of run() at once are of use; 0: one for each thread.
    int useful_runs = 0;
    /// Transfers and compute apart, measured by the device; empty on the processor. Runs that are
    /// in flight together delay each other, so that their sum exceeds the time that passes.
    std::function<DeviceTimes()> device_times = nullptr;

    Memory memory() const {
        return {kept_bytes, workspace_bytes, block_rows, useful_runs, map_shares};
    }
};

/// The plan that takes `memory` and whose run() is the sum's own.
template <typename Sum>
Plan plan_of(const Memory& memory, std::shared_ptr<const Sum> sum) {
    return {
        .workspace_bytes = memory.workspace,
        .kept_bytes = memory.kept,
        .block_rows = memory.block_rows,
        .run = [sum = std::move(sum)](const Source& src, RowRange rows, TensorView<float> dst,
                                      float* workspace) { sum->run(src, rows, dst, workspace); }};
}

/// What a method answers to one problem: a refusal, or what it would take and how to begin. What
/// the answer rests on, a tiling or a factorisation, is decided once and is in `prepare`.
struct Offer {
    std::string rejection = {};  ///< empty: it can run; else the reason, in words, and no more
    /// Predicted: on one thread, or of a device, start-up and transfers counted.
    double seconds = 0;
    std::optional<DeviceCost> parts = {};  ///< of `seconds`; absent on the processor
    /// How many times the rounding bound of the direct sum its result may be off.
    double error_factor = 1;
    Memory memory = {};
    /// Makes the plan, for run() on each block of each picture. The weights that the offer was
    /// asked for must still be there.
    std::function<Plan()> prepare = nullptr;

    bool can_run() const { return rejection.empty(); }
};

/// An offer that refuses, with the reason.
Offer refuse(std::string reason);

/// One way to compute a convolution. A value in a device's list; adding one is one file pair and
/// one line there.
struct Method {
    std::string name;     ///< the word of --method, of the tests and of JSON
    std::string summary;  ///< one line for people
    /// Asked once for a problem and a kernel; `problem.N` is the number of pictures that each run()
    /// handles together.
    std::function<Offer(const Problem&, const Weights&)> offer;
};

}  // namespace conv
