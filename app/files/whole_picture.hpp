#pragma once

#include <memory>
#include <string>
#include <vector>

#include "files/file_format.hpp"
#include "files/row_file.hpp"

namespace conv {

/// All pages of a file as `open_rows` decodes them, within the limits of input.options, turned as
/// their EXIF orientation says.
ImageDocument read_whole(FileInput input, decltype(FileFormat::open_rows) open_rows);

/// Where a document is written to.
struct WholeOutput {
    const WriteOptions& options;
    ByteSink& sink;
    std::vector<std::string>& notes;
};

/// All pages of a document as `create_rows` encodes them; pictures are freed as they are done.
void write_whole(ImageDocument document, decltype(FileFormat::create_rows) create_rows,
                 const WholeOutput& output);

}  // namespace conv
