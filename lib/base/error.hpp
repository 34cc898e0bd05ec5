#pragma once

#include <fmt/format.h>

#include <exception>
#include <string>
#include <utility>

namespace conv {

/// Why an operation failed, in the terms a caller can act on.
enum class ErrorKind {
    usage,        ///< wrong options, a bad kernel, an impossible problem (exit code 2)
    input,        ///< a file that is missing, damaged or cannot be written
    unsupported,  ///< a valid request that this format, method or build cannot serve
    memory,       ///< a budget or the machine's memory would be exceeded
    device,       ///< a compute device is missing or failed
    internal,     ///< a defect of this program
};

/// The only exception this project throws. `what()` is one line: what went wrong, the offending
/// value, what would work.
class Error : public std::exception {
public:
    Error(ErrorKind kind, std::string message) : kind_(kind), message_(std::move(message)) {}

    ErrorKind kind() const noexcept { return kind_; }
    const char* what() const noexcept override { return message_.c_str(); }

private:
    ErrorKind kind_;
    std::string message_;
};

/// Throws `Error{kind, fmt::format(format, args...)}`.
template <typename... Args>
[[noreturn]] void fail(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
    throw Error(kind, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace conv
