#include "files/output/append_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "files/output/byte_sink.hpp"

namespace conv {

AppendFile::AppendFile(std::string path, Old old) : path_(std::move(path)) {
    const int how = old == Old::refuse ? O_EXCL : old == Old::replace ? O_TRUNC : 0;
    fd_ = open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | how, 0666);
    if (fd_ < 0 && errno == EACCES)  // what may be written may not be readable
        fd_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | how, 0666);
    if (fd_ < 0) {
        fail(ErrorKind::input, "{}: cannot be written: {}", display_name(path_),
             std::strerror(errno));
    }
    if (old == Old::append) end_torn_line();
}

AppendFile::~AppendFile() {
    if (fd_ >= 0) close(fd_);
}

void AppendFile::end_torn_line() const {
    struct stat status = {};
    char last = '\n';
    if (fstat(fd_, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size == 0) return;
    if (pread(fd_, &last, 1, status.st_size - 1) == 1 && last != '\n')
        write_all(fd_, ByteView(reinterpret_cast<const std::uint8_t*>("\n"), 1),
                  display_name(path_));
}

void AppendFile::add_line(const std::string& line) {
    const std::string whole = line + '\n';
    write_all(fd_, ByteView(reinterpret_cast<const std::uint8_t*>(whole.data()), whole.size()),
              display_name(path_));
}

}  // namespace conv
