#pragma once

namespace conv {

/// Threads to use: `requested` (--threads) where it is not 0, else SLURM_CPUS_PER_TASK where that
/// is set, and never more by default than the process's CPU affinity allows. Throws Error{usage}
/// naming the variable where it is no number.
int thread_count(int requested);

}  // namespace conv
