#pragma once

#include <functional>
#include <optional>
#include <shared_mutex>

#include "filtering/filter_file.hpp"

namespace conv {

/// How many pictures may be under way at the same time: as many as there are threads and pictures,
/// and as get a useful share of the memory (absent: there is no limit).
int pictures_at_once(int threads, std::size_t pictures, std::optional<std::int64_t> max_memory);

/// The memory of a batch, shared by the pictures that are under way.
class MemoryShares {
public:
    /// What the process holds now is nobody's share.
    MemoryShares(std::optional<std::int64_t> max_memory, int at_once);

    using Filter = std::function<FileReport(const std::optional<MemoryShare>& share)>;
    /// Calls `filter` with one share. A picture for which this is too little is filtered once more,
    /// with all of the memory and while no other is under way. Thread-safe. Throws what `filter`
    /// throws.
    FileReport with_share(const Filter& filter);

private:
    std::optional<MemoryShare> one_, all_;
    std::shared_mutex under_way_;
};

}  // namespace conv
