#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace conv {

/// Bytes of this process that are in memory now, libraries included, and the most that ever were; 0
/// where the system does not say.
std::int64_t resident_bytes();
std::int64_t peak_resident_bytes();

/// What a filtering must count as taken: what is resident now, and room for stacks of threads, code
/// that is first met while filtering, and what malloc rounds up.
std::int64_t base_memory_bytes();

/// Throws Error{memory} where `bytes` more than are resident pass `most`; `work` says what for.
void require_memory(const std::string& work, std::int64_t bytes, std::optional<std::int64_t> most);

/// Gives back what has been freed and is kept for later: memory of one stage is not the next one's.
void release_freed_memory();

}  // namespace conv
