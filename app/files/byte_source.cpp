#include "files/byte_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/size.hpp"
#include "files/output/unnamed_file.hpp"

namespace conv {
namespace {

constexpr std::size_t kMostAtOnce = 1 << 30;  // read() takes no more than 2 GiB

[[noreturn]] void fail_reading(const std::string& name) {
    fail(ErrorKind::input, "{}: cannot be read: {}", name, std::strerror(errno));
}

/// Calls read_some(where, how many) until all is there or the input ends.
template <typename ReadSome>
std::size_t read_fully(std::uint8_t* out, std::size_t count, const std::string& name,
                       ReadSome read_some) {
    std::size_t done = 0;
    while (done < count) {
        const ssize_t got = read_some(out + done, std::min(count - done, kMostAtOnce));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail_reading(name);
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

struct Free {
    void operator()(std::uint8_t* data) const { std::free(data); }
};

/// Memory that grows by remapping, so that large files are never held twice.
class GrowingBuffer {
public:
    void reserve(std::size_t capacity) {
        if (capacity <= capacity_) return;
        auto* grown = static_cast<std::uint8_t*>(std::realloc(data_.get(), capacity));
        if (!grown) {
            fail(ErrorKind::memory, "not enough memory: needs {}",
                 format_bytes(static_cast<std::int64_t>(capacity)));
        }
        (void)data_.release();  // realloc has taken it over
        data_.reset(grown);
        capacity_ = capacity;
    }
    /// Reads as much as there is room for; false at the end of the input.
    bool fill(ByteSource& source) {
        if (size_ == capacity_) reserve(2 * capacity_);
        size_ += source.read(data_.get() + size_, capacity_ - size_);
        return size_ == capacity_;
    }
    std::size_t size() const { return size_; }
    FileBytes release() { return {std::shared_ptr<std::uint8_t>(data_.release(), Free()), size_}; }

private:
    std::unique_ptr<std::uint8_t, Free> data_;
    std::size_t size_ = 0, capacity_ = 0;
};

void check_size(std::int64_t size, std::int64_t max_bytes, const std::string& name) {
    if (size <= max_bytes) return;
    fail(ErrorKind::memory,
         "{}: the file is larger than the {} that may be used, raise --max-memory", name,
         format_bytes(max_bytes));
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

std::vector<std::uint8_t> ByteSource::prefix(std::size_t most) const {
    if (!can_seek())
        return {head_.begin(),
                head_.begin() + static_cast<std::ptrdiff_t>(std::min(most, head_.size()))};
    std::vector<std::uint8_t> bytes(most);
    bytes.resize(read_at(0, bytes.data(), most));
    return bytes;
}

void ByteSource::read_exactly(std::uint8_t* out, std::size_t count) {
    const std::size_t got = read(out, count);
    if (got == count) return;
    fail(ErrorKind::input, "{}: the file is truncated, it ends after {} bytes", name_, position_);
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
    UnnamedFile file(name_);
    const int copy = file.descriptor();
    const std::int64_t start = position_;
    std::vector<std::uint8_t> chunk(std::size_t{1} << 20);
    std::int64_t copied = start;
    if (ftruncate(copy, start) != 0 || lseek(copy, start, SEEK_SET) < 0) fail_reading(name_);
    for (std::size_t got = 0; (got = read(chunk.data(), chunk.size())) > 0;) {
        file.append({chunk.data(), got});
        copied += static_cast<std::int64_t>(got);
    }
    if (owned_) close(fd_);
    fd_ = file.release();
    owned_ = true;
    size_ = copied;
    position_ = start;
}

FileBytes read_all(ByteSource& source, std::int64_t max_bytes) {
    check_size(source.size().value_or(0), max_bytes, source.name());
    const auto expected = static_cast<std::size_t>(source.size().value_or(0));
    GrowingBuffer buffer;
    buffer.reserve(std::max(expected, kHeadBytes) + 1);  // one more shows the end without growing
    while (buffer.fill(source)) {
        check_size(static_cast<std::int64_t>(buffer.size()), max_bytes, source.name());
    }
    check_size(static_cast<std::int64_t>(buffer.size()), max_bytes, source.name());
    return buffer.release();
}

FileBytes read_file_bytes(const std::string& path, std::int64_t max_bytes) {
    ByteSource source(path);
    return read_all(source, max_bytes);
}

}  // namespace conv
