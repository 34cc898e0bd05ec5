#pragma once

#include <cstddef>
#include <cstdint>

namespace conv {

/// Alignment of every buffer in bytes: one cache line, and one AVX-512 vector.
inline constexpr std::size_t kBufferAlignment = 64;

/// Whether there is memory, and aligned.
inline bool is_aligned(const void* address, std::size_t alignment) {
    return address != nullptr && reinterpret_cast<std::uintptr_t>(address) % alignment == 0;
}

/// Uninitialised memory for std::free(), aligned to kBufferAlignment. Large pieces ask for huge
/// pages: a column matrix of hundreds of MiB otherwise costs more in page faults than in copying.
/// Throws Error{memory} that names the size when the memory cannot be had.
void* allocate_pages(std::int64_t bytes);

/// Gives the whole pages inside [begin, begin + bytes) back to the system while the memory stays
/// allocated. What they held is lost; writing to them is allowed. A hint: it may do nothing.
void discard_pages(void* begin, std::int64_t bytes);

}  // namespace conv
