#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "files/file_bytes.hpp"

namespace conv {

/// The bytes of an open input, read in order or, where it is a file, from any place. Inputs are
/// read, never mapped: mapped pages would count as resident memory.
class ByteSource {
public:
    /// Opens a file, pipe or device (`-`: standard input). Throws Error{input} for what is missing,
    /// a directory, empty or unreadable.
    explicit ByteSource(const std::string& path);
    /// Reads from memory; `name` begins every error.
    ByteSource(FileBytes bytes, std::string name);
    ~ByteSource();
    ByteSource(const ByteSource&) = delete;
    ByteSource& operator=(const ByteSource&) = delete;

    const std::string& name() const { return name_; }  ///< begins every error
    /// The first kHeadBytes (fewer when the input is shorter); they remain to be read.
    ByteView head() const { return head_; }
    bool can_seek() const { return size_.has_value(); }
    /// Absent for pipes and devices.
    std::optional<std::int64_t> size() const { return size_; }
    std::int64_t position() const { return position_; }

    /// The next bytes; fewer than asked for at the end alone. Throws Error{input}.
    std::size_t read(std::uint8_t* out, std::size_t count);
    /// Bytes from `offset` on, wherever reading stands; can_seek() only. Thread-safe.
    std::size_t read_at(std::int64_t offset, std::uint8_t* out, std::size_t count) const;
    /// The first bytes, at most `most` and fewer at the end; of what cannot seek no more than
    /// head().
    std::vector<std::uint8_t> prefix(std::size_t most) const;
    /// Exactly `count` bytes into `out`. Throws Error{input} that the file is truncated.
    void read_exactly(std::uint8_t* out, std::size_t count);
    /// Where read() goes on; forward only, by reading, where the input cannot seek.
    void seek(std::int64_t offset);
    /// Copies a pipe into an unnamed temporary file, so that it can seek. Does nothing for a file.
    void spool();

private:
    int fd_ = -1;
    bool owned_ = false;
    FileBytes memory_;  ///< instead of a descriptor
    std::string name_;
    std::vector<std::uint8_t> head_;
    std::int64_t position_ = 0;
    std::optional<std::int64_t> size_;
};

/// All bytes of an input that nothing has been read of. Throws Error{input}, and Error{memory} for
/// more than `max_bytes`.
FileBytes read_all(ByteSource& source, std::int64_t max_bytes);

/// The whole of a file, pipe or device. Throws as ByteSource and read_all do.
FileBytes read_file_bytes(const std::string& path, std::int64_t max_bytes);

}  // namespace conv
