#include "batch/memory_shares.hpp"

#include <algorithm>
#include <mutex>

#include "base/error.hpp"
#include "base/resident_memory.hpp"

namespace conv {

int pictures_at_once(int threads, std::size_t pictures, std::optional<std::int64_t> max_memory) {
    const auto most = std::min<std::size_t>(static_cast<std::size_t>(threads), pictures);
    auto at_once = static_cast<int>(std::max<std::size_t>(most, 1));
    if (!max_memory) return at_once;
    // Bands of a 24 Mpx photograph, its decoder and encoder.
    constexpr std::int64_t kUsefulShare = std::int64_t{16} << 20;
    const std::int64_t shares = (*max_memory - base_memory_bytes()) / kUsefulShare;
    return static_cast<int>(std::clamp<std::int64_t>(shares, 1, at_once));
}

MemoryShares::MemoryShares(std::optional<std::int64_t> max_memory, int at_once) {
    if (!max_memory) return;
    // Each thread's allocator keeps a little for itself.
    constexpr std::int64_t kOfThread = std::int64_t{1} << 20;
    const std::int64_t base = base_memory_bytes() + at_once * kOfThread;
    all_ = {base, *max_memory};
    one_ = {base, base + (*max_memory - base) / at_once};
}

FileReport MemoryShares::with_share(const Filter& filter) {
    try {
        const std::shared_lock lock(under_way_);
        return filter(one_);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::memory || !all_ || one_->most == all_->most) throw;
    }
    const std::unique_lock lock(under_way_);
    release_freed_memory();  // what threads keep for themselves would come on top
    FileReport report = filter(all_);
    release_freed_memory();
    return report;
}

}  // namespace conv
