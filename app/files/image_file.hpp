#pragma once

#include <cstdint>
#include <string>

#include "files/image_document.hpp"

namespace conv {

/// Reads every page of an image file. The content decides the format, never the name. `-` is
/// standard input; `png:-` states the format that it must have. Integer samples fill their type's
/// range; orientation is applied. Throws Error{input} for damaged files, {unsupported} for formats
/// and layouts that are not read, {memory} above the limits; never returns a partial picture.
ImageDocument read_image(const std::string& path, const ReadOptions& options = {});

/// The format that an output path asks for: by extension, by prefix (`png:-`), and for a bare `-`
/// or /dev/stdout the input's. Throws Error{input} naming the formats that can be written.
const OutputFormat& output_format(const std::string& path, const std::string& input_format);

/// Throws Error{unsupported}, naming what can hold it, when the format cannot.
void check_representable(const OutputFormat& format, const std::string& path, SampleType type,
                         std::int64_t channels, bool has_alpha, std::int64_t pages);

}  // namespace conv
