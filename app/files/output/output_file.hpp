#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "files/image_document.hpp"
#include "files/row_file.hpp"

namespace conv {

/// Throws Error{input} for an output path that cannot be written: a directory, a missing folder, an
/// existing file that is read-only or where options.overwrite is false, a terminal. Writes nothing.
void check_output_path(const std::string& path, const WriteOptions& options);

/// Begins to encode, as output_format(path, description.format) does, rows into a sink that
/// outlives the result: pages are checked, and lose what they must not carry, as by OutputFiles.
std::unique_ptr<RowFileWriter> create_checked_rows(const std::string& path,
                                                   const ImageDocument& description,
                                                   std::int64_t pages, const WriteOptions& options,
                                                   ByteSink& sink);

/// Several outputs that appear together. Each is written completely under a temporary name beside
/// its target; commit() renames them. What was not committed is removed. Symbolic links are
/// followed; an old file's mode is kept. Standard output, pipes and devices get their bytes at
/// commit().
class OutputFiles {
public:
    OutputFiles();
    ~OutputFiles();
    OutputFiles(const OutputFiles&) = delete;
    OutputFiles& operator=(const OutputFiles&) = delete;

    /// Encodes the document as output_format(path, document.format). Encoding needs no second copy
    /// of interleaved samples that the document alone holds. Throws Error{input} when the file
    /// cannot be written, {unsupported} as check_representable.
    void add(const std::string& path, ImageDocument document, const WriteOptions& options = {});
    using Encoder = std::function<void(ImageDocument document, ByteSink& sink,
                                       std::vector<std::string>& notes)>;
    /// The same by another encoder than the format's own.
    void add_by(const Encoder& encode, const std::string& path, ImageDocument document,
                const WriteOptions& options);
    /// Begins an output that is encoded row by row, as output_format(path, description.format),
    /// which must create rows. Files get their bytes under the temporary name. Pipes and devices
    /// get them as they come, unless options.spool, or a format that must go back, keeps them in
    /// an unnamed temporary file until commit(). The writer belongs to these files; its pages are
    /// checked as add() does. Throws as add().
    RowFileWriter& add_rows(const std::string& path, const ImageDocument& description,
                            std::int64_t pages, const WriteOptions& options);
    /// After the last page of such an output: writes its end.
    void finish(RowFileWriter& writer);
    /// Adds an output of any other kind: drawings, arrays, and `text`, which a terminal may show.
    void add_bytes(const std::string& path, std::string_view bytes, bool text = false);
    /// Makes all outputs appear. Throws Error{input}; what has appeared by then stays.
    void commit();
    /// What the formats could not carry and how targets are replaced, each said once.
    const std::vector<std::string>& notes() const { return notes_; }

private:
    class Output;
    std::unique_ptr<Output> begin(const std::string& path, const WriteOptions& options);
    void finish_file(Output& output);
    void note(const std::string& text);

    std::vector<std::unique_ptr<Output>> outputs_;
    std::vector<std::string> notes_;
};

}  // namespace conv
