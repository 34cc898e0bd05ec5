#pragma once

#include <string>

namespace conv {

/// A file under a temporary name beside its target until commit() renames it. Removed by the
/// destructor, and by the signals of remove_pending_files_on_signals(), if that never happens.
class PendingFile {
public:
    /// Creates the temporary file with the target's mode, or that of a new file. Throws
    /// Error{input} naming `name`.
    PendingFile(std::string target, std::string name);
    ~PendingFile();
    PendingFile(const PendingFile&) = delete;
    PendingFile& operator=(const PendingFile&) = delete;

    int descriptor() const { return fd_; }
    const std::string& target() const { return target_; }
    /// Closes the file after the last byte, forcing it to disk if `sync`. Throws Error{input}.
    void finish(bool sync);
    /// Puts the finished file in its target's place. Throws Error{input}.
    void commit(bool sync);

private:
    void create();

    std::string target_, name_, temporary_;
    int fd_ = -1;
    int slot_ = -1;
};

/// Removes every pending file and lets none be created or committed from now on: whoever tries
/// waits for ever. For a thread that ends the process next; unlike a signal handler it leaves
/// nothing that another thread was just creating.
void remove_pending_files_for_good();

/// Installs the signal handlers that remove pending files.
void install_signal_handlers();

}  // namespace conv
