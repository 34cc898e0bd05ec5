#include "files/output/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "files/format_table.hpp"
#include "files/image_file.hpp"
#include "files/output/byte_sink.hpp"
#include "files/output/pending_file.hpp"

namespace conv {
namespace {

namespace fs = std::filesystem;

bool is_standard_output(const std::string& path) {
    return path == "-" || path.ends_with(":-");
}

std::string output_name(const std::string& path) {
    return is_standard_output(path) ? "standard output" : display_name(path);
}

/// The file that a chain of symbolic links points to, existing or not.
std::string followed(const std::string& path, const std::string& name) {
    fs::path target = path;
    constexpr int kLongestChain = 40;  // as the kernel
    for (int link = 0; link < kLongestChain; ++link) {
        std::error_code error;
        if (!fs::is_symlink(fs::symlink_status(target, error))) return target.string();
        const fs::path next = fs::read_symlink(target, error);
        if (error) break;
        target = next.is_absolute() ? next : target.parent_path() / next;
    }
    fail(ErrorKind::input, "{}: cannot be written: its symbolic links do not end", name);
}

/// What already stands at an output path decides how it is written.
enum class Target { file, stream };

Target checked_target(const std::string& path, const WriteOptions& options) {
    const std::string name = output_name(path);
    if (is_standard_output(path)) return Target::stream;
    // Links to open descriptors are written, not replaced, also where they lead to a file.
    for (const std::string_view open_file : {"/dev/stdout", "/dev/fd/", "/proc/self/fd/"}) {
        if (path.starts_with(open_file)) return Target::stream;
    }
    struct stat status = {};
    if (stat(path.c_str(), &status) != 0) {
        if (errno != ENOENT) {
            fail(ErrorKind::input, "{}: cannot be written: {}", name, std::strerror(errno));
        }
        const fs::path folder = fs::path(followed(path, name)).parent_path();
        if (!folder.empty() && !fs::is_directory(folder)) {
            fail(ErrorKind::input, "{}: the folder {} does not exist, create it first", name,
                 display_name(folder.string()));
        }
        if (path.ends_with('/') || path.empty()) {
            fail(ErrorKind::input, "{}: names no file", name);
        }
        return Target::file;
    }
    if (S_ISDIR(status.st_mode)) {
        fail(ErrorKind::input, "{}: is a directory, name a file in it", name);
    }
    if (!S_ISREG(status.st_mode)) return Target::stream;
    if (!options.overwrite) {
        fail(ErrorKind::input, "{}: exists and --no-overwrite was given", name);
    }
    return Target::file;
}

void refuse_terminal(int fd, const std::string& name) {
    if (!isatty(fd)) return;
    fail(ErrorKind::input, "{}: image data is not written to a terminal, redirect it to a file",
         name);
}

/// Bytes for a pipe, a device or standard output.
void write_stream(const std::string& path, const std::vector<std::uint8_t>& bytes) {
    const std::string name = output_name(path);
    if (is_standard_output(path)) {
        refuse_terminal(STDOUT_FILENO, name);
        return write_all(STDOUT_FILENO, bytes, name);
    }
    const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) fail(ErrorKind::input, "{}: cannot be written: {}", name, std::strerror(errno));
    const std::unique_ptr<const int, void (*)(const int*)> closer(&fd,
                                                                  [](const int* f) { close(*f); });
    refuse_terminal(fd, name);
    write_all(fd, bytes, name);
}

void drop_foreign_profile(ImageDocument& document, const std::string& name,
                          std::vector<std::string>& notes) {
    std::vector<std::uint8_t>& profile = document.metadata.icc_profile;
    if (profile.empty() || document.pages.empty()) return;
    const std::int64_t colours =
        document.pages[0].shape.C - static_cast<std::int64_t>(document.pages[0].has_alpha);
    if (icc_colour_space(profile) == (colours == 3 ? "RGB " : "GRAY")) return;
    profile.clear();
    notes.push_back(fmt::format("{}: the colour profile of the input does not fit {} channel{}",
                                name, colours, colours == 1 ? "" : "s"));
}

}  // namespace

void check_output_path(const std::string& path, const WriteOptions& options) {
    checked_target(path, options);
    if (is_standard_output(path)) refuse_terminal(STDOUT_FILENO, output_name(path));
}

/// One output: a pending file, or the bytes that a stream will get.
class OutputFiles::Output {
public:
    std::string path;
    bool sync = false;
    std::unique_ptr<PendingFile> file;
    std::vector<std::uint8_t> stream_bytes;
};

OutputFiles::OutputFiles() = default;
OutputFiles::~OutputFiles() = default;

void OutputFiles::add(const std::string& path, ImageDocument document,
                      const WriteOptions& options) {
    const std::string name = output_name(path);
    const OutputFormat& format = output_format(path, document.format);
    for (const Image& page : document.pages) {
        check_representable(format, path, page.type, page.shape.C, page.has_alpha,
                            static_cast<std::int64_t>(document.pages.size()));
        if (std::max(page.shape.H, page.shape.W) > format.largest_side) {
            fail(ErrorKind::unsupported,
                 "{}: {} x {} pixels, {} takes up to {} a side: use .tif or .npy", name,
                 page.shape.W, page.shape.H, format.name, format.largest_side);
        }
    }
    if (!options.keep_metadata) document.metadata = document.metadata.stripped();
    std::vector<std::string> notes;
    drop_foreign_profile(document, name, notes);

    auto output = std::make_unique<Output>();
    output->path = path;
    output->sync = options.sync;
    ByteSink sink;
    if (checked_target(path, options) == Target::file) {
        const std::string target = fs::weakly_canonical(followed(path, name)).string();
        for (const auto& other : outputs_) {
            if (other->file && other->file->target() == target) {
                fail(ErrorKind::input, "{}: two outputs go to this one file", name);
            }
        }
        output->file = std::make_unique<PendingFile>(target, name);
        sink = ByteSink(output->file->descriptor(), name);
    }
    file_format(format.name).write(std::move(document), options, sink, notes);
    if (output->file) output->file->finish(options.sync);
    output->stream_bytes = sink.take_collected();
    outputs_.push_back(std::move(output));
    for (std::string& note : notes) {
        if (std::find(notes_.begin(), notes_.end(), note) == notes_.end()) {
            notes_.push_back(std::move(note));
        }
    }
}

void OutputFiles::commit() {
    for (const auto& output : outputs_) {
        if (output->file)
            output->file->commit(output->sync);
        else
            write_stream(output->path, output->stream_bytes);
    }
    outputs_.clear();
}

void remove_pending_files_on_signals() {
    install_signal_handlers();
}

}  // namespace conv
