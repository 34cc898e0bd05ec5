#pragma once

#include <memory>

#include "files/image_document.hpp"
#include "files/row_file.hpp"

namespace conv {

/// Begins a JPEG of one picture.
std::unique_ptr<RowFileWriter> create_jpeg(const ImageDocument& description, std::int64_t pages,
                                           const WriteOptions& options, ByteSink& sink);

}  // namespace conv
