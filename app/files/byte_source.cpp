#include "files/byte_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "files/output/byte_sink.hpp"

namespace conv {
namespace {

constexpr std::size_t kMost = std::size_t{1} << 30;  // read() takes no more than 2 GiB at once

[[noreturn]] void fail_reading(const std::string& name) {
    fail(ErrorKind::input, "{}: cannot be read: {}", name, std::strerror(errno));
}

/// Calls read_some(where, how many) until all is there or the input ends.
template <typename ReadSome>
std::size_t read_fully(std::uint8_t* out, std::size_t count, const std::string& name,
                       ReadSome read_some) {
    std::size_t done = 0;
    while (done < count) {
        const ssize_t got = read_some(out + done, std::min(count - done, kMost));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail_reading(name);
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

}  // namespace

ByteSource::ByteSource(const std::string& path)
    : fd_(path == "-" ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC)),
      owned_(path != "-"),
      name_(display_name(path)),
      head_(kHeadBytes) {
    if (fd_ < 0) fail(ErrorKind::input, "{}: cannot be opened: {}", name_, std::strerror(errno));
    struct stat status = {};
    if (fstat(fd_, &status) != 0) fail_reading(name_);
    if (S_ISDIR(status.st_mode)) {
        fail(ErrorKind::input, "{}: is a directory, name one image file in it", name_);
    }
    head_.resize(read_fully(head_.data(), head_.size(), name_,
                            [&](void* to, std::size_t count) { return ::read(fd_, to, count); }));
    if (head_.empty()) fail(ErrorKind::input, "{}: is empty", name_);
    // Standard input may stand anywhere in a file that the shell opened.
    if (S_ISREG(status.st_mode) && lseek(fd_, 0, SEEK_CUR) == static_cast<off_t>(head_.size())) {
        size_ = status.st_size;
    }
}

ByteSource::ByteSource(FileBytes bytes, std::string name)
    : memory_(std::move(bytes)),
      name_(std::move(name)),
      size_(static_cast<std::int64_t>(memory_.size())) {
    const ByteView head = memory_.view().first(std::min(kHeadBytes, memory_.size()));
    head_.assign(head.begin(), head.end());
}

ByteSource::~ByteSource() {
    if (owned_ && fd_ >= 0) close(fd_);
}

std::size_t ByteSource::read(std::uint8_t* out, std::size_t count) {
    std::size_t done = 0;
    if (can_seek()) {
        done = read_at(position_, out, count);
    } else {
        const auto held = static_cast<std::int64_t>(head_.size());
        if (position_ < held) {
            done = std::min(count, static_cast<std::size_t>(held - position_));
            std::copy_n(head_.data() + position_, done, out);
        }
        done += read_fully(out + done, count - done, name_,
                           [&](void* to, std::size_t n) { return ::read(fd_, to, n); });
    }
    position_ += static_cast<std::int64_t>(done);
    return done;
}

std::size_t ByteSource::read_at(std::int64_t offset, std::uint8_t* out, std::size_t count) const {
    if (fd_ < 0) {
        const ByteView rest =
            memory_.view().subspan(std::min(static_cast<std::size_t>(offset), memory_.size()));
        std::copy_n(rest.begin(), std::min(count, rest.size()), out);
        return std::min(count, rest.size());
    }
    return read_fully(out, count, name_, [&](std::uint8_t* to, std::size_t n) {
        return pread(fd_, to, n, offset + (to - out));
    });
}

void ByteSource::seek(std::int64_t offset) {
    if (can_seek()) {
        position_ = offset;
        return;
    }
    if (offset < position_) {
        fail(ErrorKind::internal, "{}: cannot go back in a pipe", name_);
    }
    std::array<std::uint8_t, 1 << 14> skipped;
    while (position_ < offset) {
        const auto left = static_cast<std::size_t>(offset - position_);
        if (read(skipped.data(), std::min(left, skipped.size())) == 0) return;
    }
}

void ByteSource::spool() {
    if (can_seek()) return;
    std::FILE* file = std::tmpfile();
    const int copy = file ? fcntl(fileno(file), F_DUPFD_CLOEXEC, 3) : -1;
    if (file) std::fclose(file);
    if (copy < 0) {
        fail(ErrorKind::input, "{}: no temporary file can be made for it: {}", name_,
             std::strerror(errno));
    }
    const std::int64_t start = position_;
    std::vector<std::uint8_t> chunk(std::size_t{1} << 20);
    std::int64_t copied = start;
    if (ftruncate(copy, start) != 0 || lseek(copy, start, SEEK_SET) < 0) fail_reading(name_);
    for (std::size_t got = 0; (got = read(chunk.data(), chunk.size())) > 0;) {
        write_all(copy, {chunk.data(), got}, "a temporary file");
        copied += static_cast<std::int64_t>(got);
    }
    if (owned_) close(fd_);
    fd_ = copy;
    owned_ = true;
    size_ = copied;
    position_ = start;
}

}  // namespace conv
