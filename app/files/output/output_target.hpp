#pragma once

#include <string>

#include "files/file_bytes.hpp"
#include "files/image_document.hpp"

namespace conv {

/// How an output is written: as a file that takes the place of an old one, or as a stream (standard
/// output, a pipe, a device, an open descriptor) that takes bytes in order.
enum class Target { file, stream };

/// An output path as errors show it.
std::string output_name(const std::string& path);

/// Decides how `path` (`FORMAT:PATH` too) is written. Throws Error{input} for what cannot be: a
/// directory, a missing folder, a file that is read-only or, where options.overwrite is false,
/// exists.
Target checked_target(const std::string& path, const WriteOptions& options);

/// The file that the path leads to, through all of its symbolic links, existing or not.
std::string target_file(const std::string& path);

/// An open Target::stream.
class OutputStream {
public:
    /// Throws Error{input}, for a terminal too unless what it gets is `text`.
    explicit OutputStream(const std::string& path, bool text = false);
    ~OutputStream();
    OutputStream(const OutputStream&) = delete;
    OutputStream& operator=(const OutputStream&) = delete;

    int descriptor() const { return fd_; }
    /// Appends all bytes. Throws Error{input}.
    void write(ByteView bytes) const;

private:
    std::string name_;
    bool owned_ = false;
    int fd_ = -1;
};

/// Throws Error{input} where the path is a terminal.
void refuse_terminal(const std::string& path);

}  // namespace conv
