#pragma once

#include <memory>

#include "files/image_document.hpp"
#include "files/row_file.hpp"

namespace conv {

/// Begins a PNG of one picture. The samples are compressed in strips of rows, several at a time,
/// and joined into one stream; the strips depend on the picture alone, so that the file does not
/// depend on the number of threads.
std::unique_ptr<RowFileWriter> create_png(const ImageDocument& description, std::int64_t pages,
                                          const WriteOptions& options, ByteSink& sink);

}  // namespace conv
