#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace conv {

/// A file's size and time of change, as equal or not.
struct FileStamp {
    std::int64_t size = 0, time_ns = 0;
    bool operator==(const FileStamp&) const = default;
};

/// Nothing where the file does not exist.
std::optional<FileStamp> stamp_of(const std::string& path);

}  // namespace conv
