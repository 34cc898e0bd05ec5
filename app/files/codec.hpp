#pragma once

#include <memory>

#include "files/file_format.hpp"
#include "files/image_file.hpp"

namespace conv {

/// Who decodes and encodes: the codecs that go row by row (where there are any, or alone), or
/// OpenCV whole pictures.
enum class Codec { automatic, rows, opencv };

/// The pages of an open input row by row, turned as their orientation says; null for formats that
/// are read as whole pictures, which read_image() does. OpenCV's pictures are wholly in memory.
/// Throws as read_image.
std::unique_ptr<RowFileReader> open_row_file(OpenInput& input, const ReadOptions& options,
                                             Codec codec);

/// All bytes of an input, which is then closed.
FileInput whole_input(OpenInput& input, const ReadOptions& options);

}  // namespace conv
