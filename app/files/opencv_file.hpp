#pragma once

#include <string>

#include "files/file_format.hpp"
#include "files/output/output_file.hpp"

namespace conv {

/// One picture as OpenCV decodes it, with all that its own format's reader knows of the file.
/// Never another picture than that: what OpenCV is known to get wrong, or gives in another form, is
/// refused by name. Orientation is not applied. Throws as read_image, and Error{unsupported}.
ImageDocument read_with_opencv(const FileFormat& format, const FileInput& input);

/// Encodes the one page of a document with OpenCV, which carries no metadata; `options` must
/// outlive it. Throws Error{unsupported} for what OpenCV cannot encode as asked.
OutputFiles::Encoder opencv_encoder(const OutputFormat& format, const WriteOptions& options);

}  // namespace conv
