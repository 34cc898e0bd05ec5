#pragma once

#include <memory>
#include <string>
#include <vector>

#include "files/byte_source.hpp"
#include "files/file_bytes.hpp"
#include "files/image_document.hpp"
#include "files/output/byte_sink.hpp"
#include "files/row_file.hpp"

namespace conv {

/// One input file while it is decoded. Readers own it, so that they can free the bytes early.
struct FileInput {
    FileBytes bytes;
    std::string name;  ///< begins every error
    ReadOptions options;
};

/// A file format: how it is recognised, read and written. Adding one is a file pair with a function
/// that returns this, and a line in
/// format_table.cpp.
struct FileFormat {
    OutputFormat holds;
    bool (*recognises)(ByteView head);
    /// Null where open_rows is all there is; so is write().
    ImageDocument (*read)(FileInput input);
    /// Pages are what `holds` allows. Appends to `notes` what the format cannot carry.
    void (*write)(ImageDocument document, const WriteOptions& options, ByteSink& sink,
                  std::vector<std::string>& notes);
    /// Begins to decode row by row; null: a format that is read and written as whole pictures. The
    /// source stands at its beginning.
    std::unique_ptr<RowFileReader> (*open_rows)(std::unique_ptr<ByteSource> source,
                                                const ReadOptions& options) = nullptr;
    /// Begins to encode row by row `pages` pages into `sink`, which outlives the result.
    /// `description` has the array rank, the input's format and metadata, and no pages.
    std::unique_ptr<RowFileWriter> (*create_rows)(const ImageDocument& description,
                                                  std::int64_t pages, const WriteOptions& options,
                                                  ByteSink& sink) = nullptr;
    /// create_rows() needs a sink that can seek: a pipe gets its bytes through an unnamed temporary
    /// file.
    bool rows_need_seek = false;
    /// Makes the file of all blocks of all parts, which `runs` has by pages and, of each page, by
    /// parts; `tail` is that of the parts. Null: finish_part() of its writer gives nothing.
    void (*join)(const std::string& tail, const std::vector<BlockRun>& runs, const CopyRun& copy,
                 ByteSink& sink) = nullptr;
};

/// What a file claims to hold before it is decoded.
struct DeclaredSize {
    std::int64_t width = 0, height = 0, channels = 1, sample_bytes = 1, pages = 1;
};

/// Throws what must not be decoded: an empty picture, more pixels than max_pixels, more bytes than
/// max_memory.
void check_declared_size(const FileInput& input, const DeclaredSize& size);
void check_declared_size(const std::string& name, const ReadOptions& options,
                         const DeclaredSize& size);

/// Throws what is no picture: one without pixels.
void check_not_empty(const std::string& name, const Shape& shape);

/// Throws Error{input} when `packed_bytes` cannot come out of the file with a compression whose
/// best case is `best_ratio` to one.
void check_plausible(const FileInput& input, std::int64_t packed_bytes, std::int64_t best_ratio);
/// The same of an open input; a pipe says nothing of its size.
void check_plausible(const ByteSource& source, std::int64_t packed_bytes, std::int64_t best_ratio);

/// Turns every page as the EXIF block says, and states so in the block and the notes.
void apply_orientation(ImageDocument& document);

}  // namespace conv
