#pragma once

#include <string>

namespace conv {

/// A file that only grows, by whole lines: each is one write at the end, so that a process that is
/// killed leaves at most its last line torn.
class AppendFile {
public:
    /// What becomes of a file that exists.
    enum class Old { refuse, replace, append };

    /// Opens or creates the file; the rest of a torn last line is ended by a line break. Throws
    /// Error{input} naming the path.
    AppendFile(std::string path, Old old);
    ~AppendFile();
    AppendFile(const AppendFile&) = delete;
    AppendFile& operator=(const AppendFile&) = delete;

    /// Writes `line` and a line break. Throws Error{input}.
    void add_line(const std::string& line);

private:
    void end_torn_line() const;

    std::string path_;
    int fd_ = -1;
};

}  // namespace conv
