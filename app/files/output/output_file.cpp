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
#include "files/output/unnamed_file.hpp"
#include "files/row_document.hpp"
#include "tensor/window.hpp"

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

/// An open pipe, device or standard output.
class Stream {
public:
    explicit Stream(const std::string& path) : name_(output_name(path)) {
        owned_ = !is_standard_output(path);
        fd_ = owned_ ? open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY) : STDOUT_FILENO;
        if (fd_ < 0) {
            fail(ErrorKind::input, "{}: cannot be written: {}", name_, std::strerror(errno));
        }
        refuse_terminal(fd_, name_);
    }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream() {
        if (owned_ && fd_ >= 0) close(fd_);
    }
    int descriptor() const { return fd_; }
    void write(ByteView bytes) const { write_all(fd_, bytes, name_); }

private:
    std::string name_;
    bool owned_ = false;
    int fd_ = -1;
};

void drop_foreign_profile(Metadata& metadata, const PictureInfo& picture, const std::string& name,
                          std::vector<std::string>& notes) {
    std::vector<std::uint8_t>& profile = metadata.icc_profile;
    if (profile.empty()) return;
    const std::int64_t colours = picture.shape.C - static_cast<std::int64_t>(picture.has_alpha);
    if (icc_colour_space(profile) == (colours == 3 ? "RGB " : "GRAY")) return;
    profile.clear();
    notes.push_back(fmt::format("{}: the colour profile of the input does not fit {} channel{}",
                                name, colours, colours == 1 ? "" : "s"));
}

/// What can be said of a page before it is encoded.
void check_page(const OutputFormat& format, const std::string& path, const PictureInfo& picture,
                std::int64_t pages) {
    const Shape& shape = picture.shape;
    check_representable(format, path, picture.type, shape.C, picture.has_alpha, pages);
    if (std::max(shape.H, shape.W) <= format.largest_side) return;
    fail(ErrorKind::unsupported, "{}: {} x {} pixels, {} takes up to {} a side: use .tif or .npy",
         output_name(path), shape.W, shape.H, format.name, format.largest_side);
}

/// A format's writer whose pages are checked, and lose what they must not carry.
class CheckedWriter final : public RowFileWriter {
public:
    CheckedWriter(const OutputFormat& format, std::string path, std::int64_t pages,
                  bool keep_metadata, std::unique_ptr<RowFileWriter> writer)
        : format_(format),
          path_(std::move(path)),
          pages_(pages),
          keep_metadata_(keep_metadata),
          writer_(std::move(writer)) {}

    std::unique_ptr<RowWriter> add_page(const PageHeader& header) override {
        check_page(format_, path_, header.picture, pages_);
        PageHeader page = header;
        if (!keep_metadata_) page.metadata = page.metadata.stripped();
        drop_foreign_profile(page.metadata, page.picture, output_name(path_), notes_);
        return writer_->add_page(page);
    }
    void finish() override {
        writer_->finish();
        notes_.insert(notes_.end(), writer_->notes().begin(), writer_->notes().end());
    }
    const std::vector<std::string>& notes() const override { return notes_; }

private:
    const OutputFormat& format_;
    std::string path_;
    std::int64_t pages_;
    bool keep_metadata_;
    std::unique_ptr<RowFileWriter> writer_;
    std::vector<std::string> notes_;
};

/// Encodes a whole document.
void encode(const OutputFormat& format, ImageDocument document, const WriteOptions& options,
            ByteSink& sink, std::vector<std::string>& notes) {
    const FileFormat& file = file_format(format.name);
    if (file.write) return file.write(std::move(document), options, sink, notes);
    const auto pages = static_cast<std::int64_t>(document.pages.size());
    const auto writer = file.create_rows(document, pages, options, sink);
    write_document(document, *writer);
    notes.insert(notes.end(), writer->notes().begin(), writer->notes().end());
}

}  // namespace

void check_output_path(const std::string& path, const WriteOptions& options) {
    checked_target(path, options);
    if (is_standard_output(path)) refuse_terminal(STDOUT_FILENO, output_name(path));
}

/// One output: a pending file, or a stream with what is held back for it.
class OutputFiles::Output {
public:
    std::string path;
    bool sync = false;
    std::unique_ptr<PendingFile> file;
    std::unique_ptr<Stream> stream;      ///< open while rows are encoded
    std::unique_ptr<UnnamedFile> spool;  ///< what the stream gets at the end
    ByteSink sink;
    std::unique_ptr<RowFileWriter> writer;

    void commit() {
        if (file) return file->commit(sync);
        if (!stream) stream = std::make_unique<Stream>(path);
        if (spool) return spool->copy_to(stream->descriptor(), output_name(path));
        const std::vector<std::uint8_t> bytes = sink.take_collected();
        if (!bytes.empty()) stream->write(bytes);
    }
};

OutputFiles::OutputFiles() = default;
OutputFiles::~OutputFiles() = default;

/// Opens the pending file where the output is one; a stream is left to the caller.
std::unique_ptr<OutputFiles::Output> OutputFiles::open(const std::string& path,
                                                       const WriteOptions& options) {
    const std::string name = output_name(path);
    auto output = std::make_unique<Output>();
    output->path = path;
    output->sync = options.sync;
    if (checked_target(path, options) != Target::file) return output;
    const std::string target = fs::weakly_canonical(followed(path, name)).string();
    for (const auto& other : outputs_) {
        if (other->file && other->file->target() == target) {
            fail(ErrorKind::input, "{}: two outputs go to this one file", name);
        }
    }
    output->file = std::make_unique<PendingFile>(target, name);
    output->sink = ByteSink(output->file->descriptor(), name);
    return output;
}

void OutputFiles::add(const std::string& path, ImageDocument document,
                      const WriteOptions& options) {
    const OutputFormat& format = output_format(path, document.format);
    for (const Image& page : document.pages) {
        check_page(format, path, info_of(page), static_cast<std::int64_t>(document.pages.size()));
    }
    if (!options.keep_metadata) document.metadata = document.metadata.stripped();
    std::vector<std::string> notes;
    if (!document.pages.empty()) {
        drop_foreign_profile(document.metadata, info_of(document.pages[0]), output_name(path),
                             notes);
    }
    std::unique_ptr<Output> output = open(path, options);
    encode(format, std::move(document), options, output->sink, notes);
    if (output->file) output->file->finish(options.sync);
    outputs_.push_back(std::move(output));
    add_notes(notes);
}

RowFileWriter& OutputFiles::add_rows(const std::string& path, const ImageDocument& description,
                                     std::int64_t pages, const WriteOptions& options) {
    const OutputFormat& holds = output_format(path, description.format);
    const FileFormat& format = file_format(holds.name);
    std::unique_ptr<Output> output = open(path, options);
    if (!output->file) {
        const std::string name = output_name(path);
        output->stream = std::make_unique<Stream>(path);
        output->sink = ByteSink(output->stream->descriptor(), name);
        if (options.spool || (format.rows_need_seek && !output->sink.can_seek())) {
            output->spool = std::make_unique<UnnamedFile>(name);
            output->sink = ByteSink(output->spool->descriptor(), name);
        }
    }
    output->writer = std::make_unique<CheckedWriter>(
        holds, path, pages, options.keep_metadata,
        format.create_rows(description, pages, options, output->sink));
    outputs_.push_back(std::move(output));
    return *outputs_.back()->writer;
}

void OutputFiles::finish(RowFileWriter& writer) {
    writer.finish();
    add_notes(writer.notes());
    for (const auto& output : outputs_) {
        if (output->writer.get() != &writer) continue;
        if (output->file) output->file->finish(output->sync);
        output->writer.reset();
        return;
    }
}

void OutputFiles::add_notes(const std::vector<std::string>& notes) {
    for (const std::string& note : notes) {
        if (std::find(notes_.begin(), notes_.end(), note) == notes_.end()) notes_.push_back(note);
    }
}

void OutputFiles::commit() {
    for (const auto& output : outputs_) output->commit();
    outputs_.clear();
}

void remove_pending_files_on_signals() {
    install_signal_handlers();
}

}  // namespace conv
