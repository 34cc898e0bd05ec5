#pragma once

#include <mutex>
#include <string>

namespace conv {

/// While one lives, what is written to standard error is collected instead of shown: image codecs
/// complain there and nowhere else. One at a time in the process; others wait.
class CodecMessages {
public:
    CodecMessages();
    ~CodecMessages();
    CodecMessages(const CodecMessages&) = delete;
    CodecMessages& operator=(const CodecMessages&) = delete;

    /// Shows standard error again and returns what was collected.
    std::string finish();

private:
    std::unique_lock<std::mutex> turn_;
    int collected_ = -1;
    int shown_ = -1;
};

/// Held while something is to be shown on standard error in the midst of it: none collects then.
std::unique_lock<std::mutex> shown_standard_error();

/// The last line that is not empty, control characters replaced.
std::string last_line(const std::string& text);

}  // namespace conv
