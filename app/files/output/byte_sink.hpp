#pragma once

#include <cstdint>
#include <functional>
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
    /// Writes to an open file, pipe or device; `name` begins every error.
    ByteSink(int fd, std::string name);
    /// Hands all bytes on, with their offset from the beginning.
    using Receiver = std::function<void(std::int64_t offset, ByteView bytes)>;
    explicit ByteSink(Receiver receiver) : receiver_(std::move(receiver)) {}

    /// Appends. Throws Error{input} when the file cannot take the bytes.
    void write(ByteView bytes);
    void write(std::string_view text);
    /// Whether write_at() works: in memory and in files that stand at their beginning. Pipes and
    /// devices take bytes in order alone.
    bool can_seek() const { return can_seek_; }
    /// Where write() goes on.
    std::int64_t position() const { return position_; }
    /// Moves that, where can_seek(). Throws as write().
    void seek(std::int64_t position);
    /// Puts bytes at `offset` from the beginning, beyond the end too; write() still appends at
    /// position(). Throws as write().
    void write_at(std::int64_t offset, ByteView bytes);
    std::vector<std::uint8_t> take_collected() { return std::move(collected_); }

private:
    int fd_ = -1;
    std::string name_;
    bool can_seek_ = true;
    std::int64_t position_ = 0;
    Receiver receiver_;
    std::vector<std::uint8_t> collected_;
};

/// Writes all bytes to a descriptor. Throws Error{input} naming `name` and the reason.
void write_all(int fd, ByteView bytes, const std::string& name);

}  // namespace conv
