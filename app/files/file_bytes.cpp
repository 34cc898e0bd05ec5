#include "files/file_bytes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/size.hpp"

namespace conv {
namespace {

/// Closes what it opened; standard input stays open.
class Descriptor {
public:
    explicit Descriptor(const std::string& path)
        : owned_(path != "-"), fd_(owned_ ? open(path.c_str(), O_RDONLY | O_CLOEXEC) : 0) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (owned_ && fd_ >= 0) close(fd_);
    }
    int get() const { return fd_; }

private:
    bool owned_;
    int fd_;
};

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
    /// Reads once; false at the end of the file.
    bool read_more(int fd, std::size_t most, const std::string& name) {
        reserve(std::max(capacity_, size_ + 1));
        ssize_t got = 0;
        do {
            got = read(fd, data_.get() + size_, std::min(most, capacity_ - size_));
        } while (got < 0 && errno == EINTR);
        if (got < 0) fail(ErrorKind::input, "{}: cannot be read: {}", name, std::strerror(errno));
        size_ += static_cast<std::size_t>(got);
        return got > 0;
    }
    ByteView view() const { return {data_.get(), size_}; }
    std::size_t size() const { return size_; }
    std::size_t capacity() const { return capacity_; }
    FileBytes release() { return {std::shared_ptr<std::uint8_t>(data_.release(), Free()), size_}; }

private:
    std::unique_ptr<std::uint8_t, Free> data_;
    std::size_t size_ = 0, capacity_ = 0;
};

void check_size(std::size_t size, std::int64_t max_bytes, const std::string& name) {
    if (static_cast<std::int64_t>(size) <= max_bytes) return;
    fail(ErrorKind::memory,
         "{}: the file is larger than the {} that may be used, raise --max-memory", name,
         format_bytes(max_bytes));
}

std::size_t expected_size(int fd, const std::string& name) {
    struct stat status = {};
    if (fstat(fd, &status) != 0) {
        fail(ErrorKind::input, "{}: cannot be read: {}", name, std::strerror(errno));
    }
    if (S_ISDIR(status.st_mode)) {
        fail(ErrorKind::input, "{}: is a directory, name one image file in it", name);
    }
    return S_ISREG(status.st_mode) ? static_cast<std::size_t>(status.st_size) : 0;
}

std::uint64_t number(ByteView bytes, bool big) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        value = value << 8 | bytes[big ? i : bytes.size() - 1 - i];
    }
    return value;
}

}  // namespace

std::string display_name(const std::string& path) {
    if (path == "-") return "standard input";
    std::string name = path;
    for (char& c : name) {
        if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
    }
    return name.empty() ? "''" : name;
}

FileBytes read_file_bytes(const std::string& path, std::int64_t max_bytes,
                          const std::function<void(ByteView)>& check_head) {
    const std::string name = display_name(path);
    const Descriptor file(path);
    if (file.get() < 0) {
        fail(ErrorKind::input, "{}: cannot be opened: {}", name, std::strerror(errno));
    }
    const std::size_t expected = expected_size(file.get(), name);
    check_size(expected, max_bytes, name);

    GrowingBuffer buffer;
    buffer.reserve(std::max(expected, kHeadBytes) + 1);  // one more shows the end without growing
    bool more = true;
    while (more && buffer.size() < kHeadBytes) {
        more = buffer.read_more(file.get(), kHeadBytes - buffer.size(), name);
    }
    if (buffer.size() == 0) fail(ErrorKind::input, "{}: is empty", name);
    check_head(buffer.view());

    constexpr std::size_t kMost = std::size_t{1} << 30;  // read() takes no more than 2 GiB at once
    while (more) {
        check_size(buffer.size(), max_bytes, name);
        if (buffer.size() == buffer.capacity()) buffer.reserve(2 * buffer.capacity());
        more = buffer.read_more(file.get(), kMost, name);
    }
    return buffer.release();
}

ByteView ByteReader::part(std::size_t offset, std::size_t count) const {
    if (offset > bytes_.size() || bytes_.size() - offset < count) {
        fail(ErrorKind::input, "{}: the file is truncated, it ends after {} bytes", name_,
             bytes_.size());
    }
    return bytes_.subspan(offset, count);
}

std::uint64_t ByteReader::big(std::size_t offset, std::size_t count) const {
    return number(part(offset, count), true);
}

std::uint64_t ByteReader::little(std::size_t offset, std::size_t count) const {
    return number(part(offset, count), false);
}

bool has_at(ByteView bytes, std::size_t offset, std::string_view magic) {
    return bytes.size() >= offset + magic.size() &&
           std::memcmp(bytes.data() + offset, magic.data(), magic.size()) == 0;
}

bool starts_with(ByteView bytes, std::string_view magic) {
    return has_at(bytes, 0, magic);
}

}  // namespace conv
