#include "options/thread_count.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string>

#include "base/error.hpp"
#include "base/parallel.hpp"
#include "files/file_bytes.hpp"

namespace conv {

int thread_count(int requested) {
    if (requested > 0) return requested;
    const char* stated = std::getenv("SLURM_CPUS_PER_TASK");
    if (!stated) return hardware_threads();
    const std::string text = stated;
    int cpus = 0;
    const auto [at, status] = std::from_chars(text.data(), text.data() + text.size(), cpus);
    if (status != std::errc() || at != text.data() + text.size() || cpus < 1) {
        fail(ErrorKind::usage,
             "SLURM_CPUS_PER_TASK='{}' is no number from 1, unset it or use "
             "--threads",
             display_name(text));
    }
    return std::min(cpus, hardware_threads());
}

}  // namespace conv
