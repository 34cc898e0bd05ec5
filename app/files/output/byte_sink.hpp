#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "files/file_bytes.hpp"

namespace conv {

/// Where an encoder's bytes go: a file, or memory for what cannot be renamed into place.
class ByteSink {
public:
    /// Collects in memory.
    ByteSink() = default;
    /// Writes to an open file; `name` begins every error.
    ByteSink(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}

    /// Appends. Throws Error{input} when the file cannot take the bytes.
    void write(ByteView bytes);
    void write(std::string_view text);
    std::vector<std::uint8_t> take_collected() { return std::move(collected_); }

private:
    int fd_ = -1;
    std::string name_;
    std::vector<std::uint8_t> collected_;
};

/// Writes all bytes to a descriptor. Throws Error{input} naming `name` and the reason.
void write_all(int fd, ByteView bytes, const std::string& name);

}  // namespace conv
