#include "conv/memory.hpp"

#include <algorithm>

#include "base/parallel.hpp"
#include "base/size.hpp"

namespace conv {

int busy_threads(const Memory& memory, const Problem& problem, const Demand& demand) {
    const std::int64_t blocks = ceil_div(problem.P(), memory.block_rows) * demand.pictures;
    const std::int64_t shares = demand.sums == SumsPlace::result ? memory.map_shares : 1;
    const int wanted = resolve_threads(demand.threads);
    const int useful = memory.useful_runs == 0 ? wanted : std::min(wanted, memory.useful_runs);
    return static_cast<int>(std::min<std::int64_t>(useful, blocks * shares));
}

std::int64_t block_sum_bytes(const Memory& memory, const Problem& problem) {
    const std::int64_t rows = std::min(memory.block_rows, problem.P());
    return checked_product({problem.N, problem.K, rows, problem.Q(), sizeof(float)},
                           "a block of results");
}

std::int64_t memory_bytes(const Memory& memory, const Problem& problem, SumsPlace sums,
                          int threads) {
    const std::int64_t block = sums == SumsPlace::block ? block_sum_bytes(memory, problem) : 0;
    return memory.kept + threads * (memory.workspace + block);
}

}  // namespace conv
