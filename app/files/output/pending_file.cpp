#include "files/output/pending_file.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>

#include "base/error.hpp"

namespace conv {
namespace {

/// Temporary names that a signal must remove. A fixed table, because a handler may not lock or
/// allocate; files beyond it are still removed by their destructors.
std::array<std::atomic<char*>, 1024> pending_names;

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

void forget(int slot) {
    if (slot >= 0) std::free(pending_names[static_cast<std::size_t>(slot)].exchange(nullptr));
}

void remove_pending_files() {
    for (const auto& name : pending_names) {
        if (const char* path = name.load()) unlink(path);
    }
}

extern "C" void remove_and_raise(int signal) {
    remove_pending_files();
    raise(signal);  // SA_RESETHAND has put the default action back
}

std::string folder_of(const std::string& path) {
    const std::string folder = std::filesystem::path(path).parent_path().string();
    return folder.empty() ? "." : folder;
}

std::string random_name() {
    std::uint64_t number = 0;
    if (getrandom(&number, sizeof number, 0) != sizeof number)
        number = static_cast<unsigned>(getpid());
    return fmt::format(".conv-cli-{:016x}.tmp", number);
}

[[noreturn]] void cannot_write(const std::string& name) {
    fail(ErrorKind::input, "{}: cannot be written: {}", name, std::strerror(errno));
}

}  // namespace

PendingFile::PendingFile(std::string target, std::string name)
    : target_(std::move(target)), name_(std::move(name)) {
    const std::lock_guard lock(changing_files);
    create();
    slot_ = remember(temporary_);
}

void PendingFile::create() {
    struct stat old = {};
    const bool replaces = stat(target_.c_str(), &old) == 0;
    constexpr int kAttempts = 16;
    for (int attempt = 0; attempt < kAttempts && fd_ < 0; ++attempt) {
        temporary_ = folder_of(target_) + "/" + random_name();
        // A replacement is private until it has its owner and mode.
        fd_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                   replaces ? 0600 : 0666);
        if (fd_ < 0 && errno != EEXIST) break;
    }
    if (fd_ < 0) {
        fail(ErrorKind::input, "{}: cannot be written, a temporary file beside it fails: {}", name_,
             std::strerror(errno));
    }
    if (!replaces) return;
    // Only root can give files away; for others the writer becomes the owner.
    const bool same_owner = fchown(fd_, old.st_uid, old.st_gid) == 0;
    const mode_t mode = old.st_mode & (same_owner ? 07777 : 0777);
    if (fchmod(fd_, mode) != 0) cannot_write(name_);
}

PendingFile::~PendingFile() {
    if (fd_ >= 0) close(fd_);
    if (!temporary_.empty()) unlink(temporary_.c_str());
    forget(slot_);
}

void PendingFile::finish(bool sync) {
    if (sync && fsync(fd_) != 0) cannot_write(name_);
    const int fd = fd_;
    fd_ = -1;
    if (close(fd) != 0) cannot_write(name_);
}

void PendingFile::commit(bool sync) {
    {
        const std::lock_guard lock(changing_files);
        if (rename(temporary_.c_str(), target_.c_str()) != 0) cannot_write(name_);
        temporary_.clear();
        forget(slot_);
        slot_ = -1;
    }
    if (!sync) return;
    const int folder = open(folder_of(target_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool done = folder >= 0 && fsync(folder) == 0;
    if (folder >= 0) close(folder);
    if (!done) cannot_write(name_);
}

void remove_pending_files_for_good() {
    changing_files.lock();
    remove_pending_files();
}

void install_signal_handlers() {
    struct sigaction action = {};
    action.sa_handler = remove_and_raise;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigemptyset(&action.sa_mask);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction old = {};
        // nohup and background shells ignore some of these on purpose.
        if (sigaction(signal, nullptr, &old) == 0 && old.sa_handler == SIG_IGN) continue;
        sigaction(signal, &action, nullptr);
    }
    std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace conv
