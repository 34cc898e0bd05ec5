#include "files/output/pending_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <mutex>

#include "base/error.hpp"
#include "files/output/output_error.hpp"
#include "files/output/placement.hpp"
#include "files/output/temporary_name.hpp"

namespace conv {
namespace {

/// Temporary names that a signal must remove. A fixed table, because a handler may not lock or
/// allocate; files beyond it are still removed by their destructors.
std::array<std::atomic<char*>, 1024> pending_names;

/// The process is about to end: what is created from now on would stay.
std::atomic<bool> ending{false};

/// Held while a file is created and remembered, and while one is renamed.
std::mutex changing_files;

int remember(const std::string& path) {
    char* name = strdup(path.c_str());
    for (std::size_t slot = 0; name && slot < pending_names.size(); ++slot) {
        char* empty = nullptr;
        if (pending_names[slot].compare_exchange_strong(empty, name)) return static_cast<int>(slot);
    }
    std::free(name);
    return -1;
}

std::string folder_of(const std::string& path) {
    const std::string folder = std::filesystem::path(path).parent_path().string();
    return folder.empty() ? "." : folder;
}

}  // namespace

PendingFile::PendingFile(std::string target, std::string name, bool overwrite)
    : target_(std::move(target)), name_(std::move(name)), overwrite_(overwrite) {
    const std::lock_guard lock(changing_files);
    struct stat old = {};
    const bool replaces = stat(target_.c_str(), &old) == 0;
    in_place_ = replaces && !can_be_renamed_onto(target_, folder_of(target_));
    create(in_place_ ? temporary_folder() : folder_of(target_), replaces);
    if (in_place_) {
        note_ =
            name_ + ": is copied over in place, which is not atomic: its folder allows no rename";
    } else if (replaces) {
        take_mode_of_target();
    }
}

/// The name is remembered before the file exists, so that no signal comes between.
void PendingFile::create(const std::string& folder, bool is_private) {
    constexpr int kAttempts = 16;
    for (int attempt = 0; attempt < kAttempts && fd_ < 0; ++attempt) {
        temporary_ = folder + "/" + make_temporary_name();
        slot_ = remember(temporary_);
        // A replacement is private until it has its owner and mode.
        fd_ = open(temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                   is_private ? 0600 : 0666);
        if (fd_ >= 0 && ending) {  // a signal handler may have looked for it too early
            unlink(temporary_.c_str());
            for (;;) pause();
        }
        if (fd_ >= 0) return;
        const int reason = errno;
        forget();
        errno = reason;
        if (reason != EEXIST) break;
    }
    fail(ErrorKind::input, "{}: cannot be written, a temporary file {} fails: {}", name_,
         in_place_ ? "in " + folder : "beside it", std::strerror(errno));
}

void PendingFile::take_mode_of_target() {
    struct stat old = {};
    if (stat(target_.c_str(), &old) != 0) return;
    // Only root can give files away; for others the writer becomes the owner.
    const bool same_owner = fchown(fd_, old.st_uid, old.st_gid) == 0;
    const mode_t mode = old.st_mode & (same_owner ? 07777 : 0777);
    if (fchmod(fd_, mode) != 0) cannot_write(name_);
}

void PendingFile::forget() {
    temporary_.clear();
    if (slot_ >= 0) std::free(pending_names[static_cast<std::size_t>(slot_)].exchange(nullptr));
    slot_ = -1;
}

PendingFile::~PendingFile() {
    if (fd_ >= 0) close(fd_);
    if (!temporary_.empty()) unlink(temporary_.c_str());
    forget();
}

void PendingFile::finish(bool sync) {
    if (sync && !in_place_ && fsync(fd_) != 0) cannot_write(name_);
    const int fd = fd_;
    fd_ = -1;
    if (close(fd) != 0) cannot_write(name_);
}

void PendingFile::place(bool sync) {
    if (in_place_) {
        copy_over(temporary_, target_, name_, sync);
        unlink(temporary_.c_str());
    } else if (overwrite_) {
        if (rename(temporary_.c_str(), target_.c_str()) != 0) cannot_write(name_);
    } else {
        rename_to_new(temporary_, target_, name_);
    }
}

void PendingFile::commit(bool sync) {
    {
        const std::lock_guard lock(changing_files);
        place(sync);
        forget();
    }
    if (!sync || in_place_) return;
    const int folder = open(folder_of(target_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool done = folder >= 0 && fsync(folder) == 0;
    if (folder >= 0) close(folder);
    if (!done) cannot_write(name_);
}

void remove_pending_files() {
    ending = true;
    for (const auto& name : pending_names) {
        if (const char* path = name.load()) unlink(path);
    }
}

void remove_pending_files_for_good() {
    changing_files.lock();
    remove_pending_files();
}

}  // namespace conv
