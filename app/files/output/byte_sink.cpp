#include "files/output/byte_sink.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace conv {

namespace {

constexpr std::size_t kMostAtOnce = std::size_t{1}
                                    << 30;  // write() takes no more than 2 GiB at once

/// Calls write_some(from where, how many) until all bytes are written.
template <typename WriteSome>
void write_fully(ByteView bytes, const std::string& name, WriteSome write_some) {
    while (!bytes.empty()) {
        const ssize_t done = write_some(bytes.data(), std::min(bytes.size(), kMostAtOnce));
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) {
            fail(ErrorKind::input, "{}: cannot be written: {}", name, std::strerror(errno));
        }
        bytes = bytes.subspan(static_cast<std::size_t>(done));
    }
}

/// A regular file at its beginning; with O_APPEND every write would go to its end.
bool is_fresh_file(int fd) {
    struct stat status = {};
    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && lseek(fd, 0, SEEK_CUR) == 0 &&
           (fcntl(fd, F_GETFL) & O_APPEND) == 0;
}

}  // namespace

void write_all(int fd, ByteView bytes, const std::string& name) {
    write_fully(bytes, name,
                [&](const void* from, std::size_t count) { return ::write(fd, from, count); });
}

ByteSink::ByteSink(int fd, std::string name)
    : fd_(fd), name_(std::move(name)), can_seek_(is_fresh_file(fd)) {}

void ByteSink::write(ByteView bytes) {
    if (fd_ >= 0)
        write_all(fd_, bytes, name_);
    else
        write_at(position_, bytes);
    position_ += static_cast<std::int64_t>(bytes.size());
}

void ByteSink::seek(std::int64_t position) {
    if (position == position_) return;
    if (fd_ >= 0 && lseek(fd_, position, SEEK_SET) != position) {
        fail(ErrorKind::input, "{}: cannot be written: {}", name_, std::strerror(errno));
    }
    position_ = position;
}

void ByteSink::write(std::string_view text) {
    write(ByteView(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

void ByteSink::write_at(std::int64_t offset, ByteView bytes) {
    if (receiver_) return receiver_(offset, bytes);
    if (fd_ >= 0) {
        const std::uint8_t* first = bytes.data();
        return write_fully(bytes, name_, [&](const std::uint8_t* from, std::size_t count) {
            return pwrite(fd_, from, count, offset + (from - first));
        });
    }
    const auto at = static_cast<std::size_t>(offset);
    if (collected_.size() < at + bytes.size()) collected_.resize(at + bytes.size());
    std::copy(bytes.begin(), bytes.end(), collected_.begin() + offset);
}

}  // namespace conv
