#pragma once

#include <string>

namespace conv {

/// A file under a temporary name beside its target until commit() renames it. Removed by the
/// destructor, and by the signals of end_signals.hpp, if that never happens.
///
/// A target that cannot be renamed onto (a mount point, a file in a folder that takes no new
/// file) is written to in place: the temporary file lies in $TMPDIR (else /tmp), and commit()
/// copies it over the target once the room for all of it is booked. note() then says so.
class PendingFile {
public:
    /// Creates the temporary file with the target's mode, or that of a new file. `overwrite` false:
    /// commit() does not replace what has appeared at the target by then. Throws Error{input}
    /// naming `name`.
    PendingFile(std::string target, std::string name, bool overwrite = true);
    ~PendingFile();
    PendingFile(const PendingFile&) = delete;
    PendingFile& operator=(const PendingFile&) = delete;

    int descriptor() const { return fd_; }
    const std::string& target() const { return target_; }
    /// What a user should know of how the target is replaced; empty for a rename.
    const std::string& note() const { return note_; }
    /// Closes the file after the last byte, forcing it to disk if `sync`. Throws Error{input}.
    void finish(bool sync);
    /// Puts the finished file in its target's place. Throws Error{input}.
    void commit(bool sync);

private:
    void create(const std::string& folder, bool is_private);
    void take_mode_of_target();
    void place(bool sync);
    void forget();

    std::string target_, name_, temporary_, note_;
    bool overwrite_, in_place_ = false;
    int fd_ = -1;
    int slot_ = -1;
};

/// Removes every pending file of this process. For a signal handler: neither locks nor allocates.
void remove_pending_files();

/// Removes every pending file and lets none be created or committed from now on: whoever tries
/// waits for ever. For a thread that ends the process next; unlike a signal handler it leaves
/// nothing that another thread was just creating.
void remove_pending_files_for_good();

}  // namespace conv
