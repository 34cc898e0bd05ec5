#pragma once

#include <cstdint>

#include "conv/problem.hpp"

namespace conv {

/// What running a plan takes beside the pictures.
struct Memory {
    std::int64_t kept = 0;        ///< bytes, once for all threads: the weights in the plan's form
    std::int64_t workspace = 0;   ///< bytes of scratch for each run() under way
    std::int64_t block_rows = 1;  ///< output rows of a run()
    int useful_runs = 0;          ///< runs at once that are of use; 0: any number
    /// Shares that the maps of a block can be cut into, for threads without a block of their own.
    std::int64_t map_shares = 1;

    bool operator==(const Memory&) const = default;
};

/// Where a run() writes its sums: into the result itself, or into a block of floats of its thread,
/// to be finished from there.
enum class SumsPlace { result, block };

/// What one BlockLoop has to do, and with what.
struct Demand {
    std::int64_t pictures = 1;  ///< how often the problem is solved
    int threads = 0;            ///< 0 = all cores
    SumsPlace sums = SumsPlace::result;
};

/// Runs under way at once: not more than threads, than are of use, than blocks. Maps of a block
/// whose sums are finished from there stay together.
int busy_threads(const Memory& memory, const Problem& problem, const Demand& demand);

/// Bytes of one block of sums, N x K x min(block_rows, P) x Q floats. Throws Error{usage} where 64
/// bits do not count them.
std::int64_t block_sum_bytes(const Memory& memory, const Problem& problem);

/// Bytes that `threads` runs under way take in all:
///   kept + threads * (workspace, and a block of sums where they have one).
/// The only place that adds this up: what the planner predicts, a budget allows and a report says.
std::int64_t memory_bytes(const Memory& memory, const Problem& problem, SumsPlace sums,
                          int threads);

}  // namespace conv
