#include "files/output/unnamed_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "files/output/byte_sink.hpp"
#include "files/output/temporary_name.hpp"

namespace conv {
namespace {

int open_unnamed(const std::string& folder) {
    const int fd = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return fd;
    // A file system that knows no unnamed files.
    std::string path = folder + "/.conv-cli-XXXXXX";
    const int named = mkostemp(path.data(), O_CLOEXEC);
    if (named >= 0) unlink(path.c_str());
    return named;
}

}  // namespace

UnnamedFile::UnnamedFile(std::string name) : name_(std::move(name)) {
    const std::string folder = temporary_folder();
    fd_ = open_unnamed(folder);
    if (fd_ >= 0) return;
    fail(ErrorKind::input, "{}: no temporary file can be made in {} ({}), set TMPDIR", name_,
         display_name(folder), std::strerror(errno));
}

UnnamedFile::~UnnamedFile() {
    if (fd_ >= 0) close(fd_);
}

int UnnamedFile::release() {
    return std::exchange(fd_, -1);
}

std::int64_t UnnamedFile::size() const {
    struct stat status = {};
    return fstat(fd_, &status) == 0 ? status.st_size : 0;
}

void UnnamedFile::append(ByteView bytes) {
    write_all(fd_, bytes, name_);
}

void UnnamedFile::read_at(std::int64_t offset, std::uint8_t* out, std::size_t count) const {
    while (count > 0) {
        const ssize_t got = pread(fd_, out, count, offset);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) {
            fail(ErrorKind::input, "{}: its temporary file cannot be read: {}", name_,
                 got < 0 ? std::strerror(errno) : "it is shorter than it was");
        }
        out += got;
        offset += got;
        count -= static_cast<std::size_t>(got);
    }
}

void UnnamedFile::copy_to(int fd, const std::string& target) const {
    std::vector<std::uint8_t> piece(std::size_t{1} << 18);
    const std::int64_t end = size();
    for (std::int64_t at = 0; at < end;) {
        const auto count = static_cast<std::size_t>(
            std::min<std::int64_t>(static_cast<std::int64_t>(piece.size()), end - at));
        read_at(at, piece.data(), count);
        write_all(fd, ByteView(piece).first(count), target);
        at += static_cast<std::int64_t>(count);
    }
}

}  // namespace conv
