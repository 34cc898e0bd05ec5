#pragma once

#include <cstdint>
#include <string>

#include "files/file_bytes.hpp"

namespace conv {

/// A temporary file without a name, in $TMPDIR or /tmp: it vanishes with this object, or with the
/// process however that ends.
class UnnamedFile {
public:
    /// `name`, what the file is for, begins every error. Throws Error{input}.
    explicit UnnamedFile(std::string name);
    ~UnnamedFile();
    UnnamedFile(const UnnamedFile&) = delete;
    UnnamedFile& operator=(const UnnamedFile&) = delete;

    int descriptor() const { return fd_; }
    std::int64_t size() const;
    /// Gives the descriptor away.
    int release();

    void append(ByteView bytes);
    /// Exactly `count` bytes from `offset` on, which have been written.
    void read_at(std::int64_t offset, std::uint8_t* out, std::size_t count) const;
    /// Writes all of it to an open pipe, device or file, whose errors begin with `target`.
    void copy_to(int fd, const std::string& target) const;

private:
    int fd_ = -1;
    std::string name_;
};

}  // namespace conv
