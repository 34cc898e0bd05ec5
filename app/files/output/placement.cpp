#include "files/output/placement.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <vector>

#include "base/error.hpp"
#include "files/output/byte_sink.hpp"
#include "files/output/output_error.hpp"

namespace conv {
namespace {

class Descriptor {
public:
    Descriptor(const std::string& path, int flags) : fd_(open(path.c_str(), flags | O_CLOEXEC)) {}
    ~Descriptor() {
        if (fd_ >= 0) close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }

private:
    int fd_;
};

bool is_mount_point(const std::string& path) {
    struct statx status = {};
    return statx(AT_FDCWD, path.c_str(), 0, STATX_BASIC_STATS, &status) == 0 &&
           (status.stx_attributes & status.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0;
}

/// In a folder like /tmp only the owner of a file, of the folder, and root may replace it.
bool sticky_folder_keeps(const std::string& target, const std::string& folder) {
    struct stat file = {}, place = {};
    if (stat(target.c_str(), &file) != 0 || stat(folder.c_str(), &place) != 0) return false;
    const uid_t user = geteuid();
    return (place.st_mode & S_ISVTX) != 0 && user != 0 && user != file.st_uid &&
           user != place.st_uid;
}

/// Books the blocks of `bytes` bytes, or throws with the target as it was.
void book_room(int target, off_t bytes, const std::string& name) {
    struct stat old = {};
    if (fstat(target, &old) != 0) cannot_write(name);
    if (fallocate(target, FALLOC_FL_KEEP_SIZE, 0, bytes) == 0 || errno == EOPNOTSUPP) return;
    const int reason = errno;
    if (ftruncate(target, old.st_size) != 0) cannot_write(name);
    errno = reason;
    cannot_write(name, " in place");
}

}  // namespace

bool can_be_renamed_onto(const std::string& target, const std::string& folder) {
    return faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) == 0 &&
           !is_mount_point(target) && !sticky_folder_keeps(target, folder);
}

void rename_to_new(const std::string& from, const std::string& target, const std::string& name) {
    if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) == 0) return;
    // File systems that do not know the flag, NFS among them, know links.
    if ((errno == EINVAL || errno == ENOSYS) && link(from.c_str(), target.c_str()) == 0) {
        unlink(from.c_str());
        return;
    }
    if (errno == EEXIST) {
        fail(ErrorKind::input, "{}: exists and --no-overwrite was given", name);
    }
    cannot_write(name, ", --no-overwrite cannot be promised on its file system");
}

void copy_over(const std::string& from, const std::string& target, const std::string& name,
               bool sync) {
    const Descriptor source(from, O_RDONLY), output(target, O_WRONLY);
    struct stat made = {};
    if (source.get() < 0 || output.get() < 0 || fstat(source.get(), &made) != 0) {
        cannot_write(name);
    }
    if (made.st_size > 0) book_room(output.get(), made.st_size, name);
    std::vector<std::uint8_t> piece(std::size_t{1} << 20);
    for (ssize_t got = 0; (got = read(source.get(), piece.data(), piece.size())) != 0;) {
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) cannot_write(name);
        write_all(output.get(), {piece.data(), static_cast<std::size_t>(got)}, name);
    }
    if (ftruncate(output.get(), made.st_size) != 0) cannot_write(name);
    if (sync && fsync(output.get()) != 0) cannot_write(name);
}

}  // namespace conv
