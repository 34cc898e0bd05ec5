#include "files/output/byte_sink.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace conv {

void write_all(int fd, ByteView bytes, const std::string& name) {
    constexpr std::size_t kMost = std::size_t{1} << 30;  // write() takes no more than 2 GiB at once
    while (!bytes.empty()) {
        const ssize_t done = ::write(fd, bytes.data(), std::min(bytes.size(), kMost));
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) {
            fail(ErrorKind::input, "{}: cannot be written: {}", name, std::strerror(errno));
        }
        bytes = bytes.subspan(static_cast<std::size_t>(done));
    }
}

void ByteSink::write(ByteView bytes) {
    if (fd_ >= 0) return write_all(fd_, bytes, name_);
    collected_.insert(collected_.end(), bytes.begin(), bytes.end());
}

void ByteSink::write(std::string_view text) {
    write(ByteView(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

}  // namespace conv
