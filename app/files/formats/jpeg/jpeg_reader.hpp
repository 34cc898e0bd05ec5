#pragma once

#include <memory>

#include "files/image_document.hpp"
#include "files/row_file.hpp"

namespace conv {

/// Opens a JPEG. Throws Error{input} for what is damaged, {unsupported} for other than 8-bit grey
/// and colour.
std::unique_ptr<RowFileReader> open_jpeg(std::unique_ptr<ByteSource> source,
                                         const ReadOptions& options);

}  // namespace conv
