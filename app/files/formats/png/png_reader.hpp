#pragma once

#include <memory>

#include "files/image_document.hpp"
#include "files/row_file.hpp"

namespace conv {

/// Opens a PNG. Throws Error{input} for what is damaged, {unsupported} for an animation.
std::unique_ptr<RowFileReader> open_png(std::unique_ptr<ByteSource> source,
                                        const ReadOptions& options);

}  // namespace conv
