#include "files/output/output_target.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

#include "files/output/byte_sink.hpp"
#include "files/output/output_error.hpp"
#include "files/path_prefix.hpp"

namespace conv {
namespace {

namespace fs = std::filesystem;

/// The file that a chain of symbolic links points to, existing or not.
fs::path followed(const std::string& path, const std::string& name) {
    fs::path target = path;
    constexpr int kLongestChain = 40;  // as the kernel
    for (int link = 0; link < kLongestChain; ++link) {
        std::error_code error;
        if (!fs::is_symlink(fs::symlink_status(target, error))) return target;
        const fs::path next = fs::read_symlink(target, error);
        if (error) break;
        target = next.is_absolute() ? next : target.parent_path() / next;
    }
    fail(ErrorKind::input, "{}: cannot be written: its symbolic links do not end", name);
}

/// A place where nothing stands yet.
void check_new_file(const std::string& path, const std::string& name) {
    if (errno != ENOENT) cannot_write(name);
    const fs::path folder = followed(path, name).parent_path();
    if (!folder.empty() && !fs::is_directory(folder)) {
        fail(ErrorKind::input, "{}: the folder {} does not exist, create it first", name,
             display_name(folder.string()));
    }
    if (path.ends_with('/') || path.empty()) fail(ErrorKind::input, "{}: names no file", name);
}

/// The number of a path that is_open_descriptor(); -1 where it has none.
int descriptor_number(const std::string& path) {
    if (path == "/dev/stdout") return STDOUT_FILENO;
    if (path == "/dev/stderr") return STDERR_FILENO;
    int number = -1;
    const char* end = path.data() + path.size();
    const auto [at, error] = std::from_chars(path.data() + path.rfind('/') + 1, end, number);
    return error == std::errc() && at == end ? number : -1;
}

/// An open descriptor goes on where it stands; its path opened anew would begin at a file's start.
int open_stream(const std::string& path) {
    if (is_open_descriptor(path)) return fcntl(descriptor_number(path), F_DUPFD_CLOEXEC, 3);
    return open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
}

void refuse_terminal_descriptor(int fd, const std::string& name) {
    if (!isatty(fd)) return;
    fail(ErrorKind::input, "{}: image data is not written to a terminal, redirect it to a file",
         name);
}

}  // namespace

std::string output_name(const std::string& path) {
    return unprefixed_path(path) == "-" ? "standard output" : display_name(path);
}

Target checked_target(const std::string& output, const WriteOptions& options) {
    const std::string path = unprefixed_path(output), name = output_name(output);
    if (path == "-" || is_open_descriptor(path)) return Target::stream;
    struct stat status = {};
    if (stat(path.c_str(), &status) != 0) {
        check_new_file(path, name);
        return Target::file;
    }
    if (S_ISDIR(status.st_mode)) {
        fail(ErrorKind::input, "{}: is a directory, name a file in it", name);
    }
    if (S_ISREG(status.st_mode) && !options.overwrite) {
        fail(ErrorKind::input, "{}: exists and --no-overwrite was given", name);
    }
    // A rename would pass over this; cp does not.
    if (faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) != 0) {
        fail(ErrorKind::input, "{}: must not be written by this user: {}, use another name", name,
             std::strerror(errno));
    }
    return S_ISREG(status.st_mode) ? Target::file : Target::stream;
}

std::string target_file(const std::string& output) {
    return fs::weakly_canonical(followed(unprefixed_path(output), output_name(output))).string();
}

OutputStream::OutputStream(const std::string& output, bool text) : name_(output_name(output)) {
    const std::string path = unprefixed_path(output);
    owned_ = path != "-";
    fd_ = owned_ ? open_stream(path) : STDOUT_FILENO;
    if (fd_ < 0) cannot_write(name_);
    if (!text) refuse_terminal_descriptor(fd_, name_);
}

OutputStream::~OutputStream() {
    if (owned_ && fd_ >= 0) close(fd_);
}

void OutputStream::write(ByteView bytes) const {
    write_all(fd_, bytes, name_);
}

void refuse_terminal(const std::string& output) {
    if (unprefixed_path(output) == "-")
        refuse_terminal_descriptor(STDOUT_FILENO, output_name(output));
}

}  // namespace conv
