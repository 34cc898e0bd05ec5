#pragma once

#include <cstdint>
#include <optional>

namespace conv {

/// How far the process's resident memory rises above where it stood when this object was made.
/// Linux alone tells; where the peak may not be reset, growth() is absent.
class MemoryPeak {
public:
    MemoryPeak();
    std::optional<std::int64_t> growth() const;

private:
    std::optional<std::int64_t> before_;
};

/// Bytes that the machine could give out now without swapping.
std::optional<std::int64_t> available_memory();

}  // namespace conv
