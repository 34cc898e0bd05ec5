#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "files/byte_source.hpp"
#include "files/image_document.hpp"

namespace conv {

struct FileFormat;

/// An input that is open and recognised.
struct OpenInput {
    std::unique_ptr<ByteSource> source;
    const FileFormat* format = nullptr;
};

/// Opens an image file; the content decides the format, never the name. `-` is standard input;
/// `png:-` states the format that it must have. Throws Error{input} for what cannot be read or is
/// no image, {unsupported} for formats that are not read.
OpenInput open_input(const std::string& path);

/// Reads every page of an image file, as open_input opens it. Integer samples fill their type's
/// range; orientation is applied. Throws Error{input} for damaged files, {unsupported} for formats
/// and layouts that are not read, {memory} above the limits; never returns a partial picture.
ImageDocument read_image(const std::string& path, const ReadOptions& options = {});
ImageDocument read_image(OpenInput input, const ReadOptions& options);

/// The format that an output path asks for: by prefix (`png:PATH`), by extension, and for a bare
/// `-` or an open descriptor (/dev/fd/3) the input's. Throws Error{input} naming what can be
/// written.
const OutputFormat& output_format(const std::string& path, const std::string& input_format);

/// Throws Error{usage}, naming what can hold it, when the format cannot.
void check_representable(const OutputFormat& format, const std::string& path, SampleType type,
                         std::int64_t channels, bool has_alpha, std::int64_t pages);

}  // namespace conv
