#include "base/pages.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>

#include "base/error.hpp"
#include "base/size.hpp"

namespace conv {
namespace {

constexpr std::int64_t kHugePage = std::int64_t{2} << 20;
// Below a few huge pages the rounding wastes more than the page faults cost.
constexpr std::int64_t kLargePiece = 4 * kHugePage;

}  // namespace

void* allocate_pages(std::int64_t bytes) {
    const bool large = bytes >= kLargePiece;
    const auto alignment = large ? kHugePage : static_cast<std::int64_t>(kBufferAlignment);
    constexpr std::int64_t kMost = std::int64_t{1} << 62;
    void* memory = bytes > kMost
                       ? nullptr
                       : std::aligned_alloc(
                             static_cast<std::size_t>(alignment),
                             static_cast<std::size_t>(round_up(bytes > 0 ? bytes : 1, alignment)));
    if (memory == nullptr) {
        fail(ErrorKind::memory, "not enough memory: needs {}", format_bytes(bytes));
    }
    if (large) madvise(memory, static_cast<std::size_t>(round_up(bytes, kHugePage)), MADV_HUGEPAGE);
    return memory;
}

void discard_pages(void* begin, std::int64_t bytes) {
    const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    const auto start = reinterpret_cast<std::uintptr_t>(begin);
    const std::uintptr_t first = (start + page - 1) / page * page;
    const std::uintptr_t last = (start + static_cast<std::uintptr_t>(bytes)) / page * page;
    if (first < last) madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
}

}  // namespace conv
