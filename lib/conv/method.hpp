#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "conv/problem.hpp"
#include "tensor/convert.hpp"
#include "tensor/rows.hpp"
#include "tensor/source.hpp"
#include "tensor/view.hpp"

namespace conv {

/// The numbers of a convolution, non-owning.
struct Weights {
    std::span<const float> values;  ///< K x C/groups x R x S, row-major
    std::span<const float> bias;    ///< K numbers, or empty for none
};

/// Seconds that a device reports to have spent on a plan's runs so far.
struct DeviceTimes {
    double upload = 0, compute = 0, download = 0;
};

/// Seconds that a device is predicted to take for one run, apart.
struct DeviceCost {
    double start_up = 0;  ///< its first use in a process: context, device code
    double upload = 0, compute = 0, download = 0;

    double total() const { return start_up + upload + compute + download; }
};

/// A method made ready for one problem and one set of weights; the plan owns what it needs of them.
struct Plan {
    /// Scratch that one call of run() uses, exactly: run() allocates nothing.
    std::int64_t workspace_bytes = 0;
    /// What the plan itself keeps, once for all threads, where that may be much more than the
    /// weights: their transforms.
    std::int64_t kept_bytes = 0;
    /// Output rows per call that suit the cache. It depends on the problem alone, never on the
    /// number of threads, so that the same command gives the same bytes for any of them.
    std::int64_t block_rows = 1;
    /// Computes output rows [rows.first, rows.first + rows.count) of all N pictures into dst, which
    /// is N x K x rows.count x Q and overlaps nothing; its pictures are interleaved (strides.N = 1
    /// where N > 1, strides.W = N), rows and maps lie anywhere. `workspace` is
    /// workspace_bytes long and kBufferAlignment-aligned. Thread-safe with separate workspaces.
    std::function<void(const Source& src, RowRange rows, TensorView<float> dst, float* workspace)>
        run;
    /// The same sums of 8-bit samples rounded half to even and saturated to 8 bits, without a pass
    /// over float results; returns what was lost. Empty: the method leaves that to its caller.
    std::function<Lost(const Source& src, RowRange rows, TensorView<std::uint8_t> dst,
                       float* workspace)>
        run_u8 = nullptr;
    /// How many calls of run() at once are of use; 0: one for each thread.
    int useful_runs = 0;
    /// Output rows that the device takes at once; 0 on the processor.
    std::int64_t device_rows = 0;
    /// Transfers and compute apart, measured by the device; empty on the processor. Runs that are
    /// in flight together delay each other, so that their sum exceeds the time that passes.
    std::function<DeviceTimes()> device_times = nullptr;
};

/// One way to compute a convolution. A value in a device's list; adding one is one file pair and
/// one line there.
struct Method {
    std::string name;     ///< the word of --method, of the tests and of JSON
    std::string summary;  ///< one line for people
    /// Empty when the method can run the problem, else the reason, in words.
    std::function<std::string(const Problem&, const Weights&)> rejects;
    /// Predicted seconds for the planner: on one thread, or of a device, start-up and transfers
    /// counted.
    std::function<double(const Problem&, const Weights&)> cost;
    /// How many times the rounding bound of the direct sum its result may be off.
    std::function<double(const Problem&, const Weights&)> error_factor;
    /// What prepare()'s plan will book a thread.
    std::function<std::int64_t(const Problem&, const Weights&)> workspace_bytes;
    /// What that plan will keep (Plan::kept_bytes); empty: nothing to speak of.
    std::function<std::int64_t(const Problem&, const Weights&)> kept_bytes = nullptr;
    /// Done once for a kernel, then run() for each block of each picture. `problem.N` is the number
    /// of pictures that each run() handles together.
    std::function<Plan(const Problem&, const Weights&)> prepare;
    /// The parts of cost(), which is their total; empty on the processor.
    std::function<DeviceCost(const Problem&, const Weights&)> device_cost = nullptr;
};

}  // namespace conv
