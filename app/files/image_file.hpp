#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "files/metadata.hpp"
#include "tensor/image.hpp"

namespace conv {

/// All pictures of one file, with what belongs to them.
struct ImageDocument {
    std::vector<Image> pages;
    int array_rank = 0;  ///< 0: a picture file; 2 to 4: `.npy` H W, C H W, N C H W
    std::string format;  ///< "png", "jpeg", "tiff", "webp", "pnm", "pfm", "exr", ...
    Metadata metadata;
    std::vector<std::string> notes;  ///< what was done to the samples, for -v
};

struct ReadOptions {
    std::int64_t max_pixels = std::int64_t{1} << 30;  ///< of all pages together
    std::optional<std::int64_t> max_memory;           ///< for the decoded samples, in bytes
    std::string layout;                               ///< of a 3-D .npy: "", "chw" or "hwc"
};

/// Reads every page of an image file. The content decides the format, never the name. `-` is
/// standard input; `png:-` states the format that it must have. Integer samples fill their type's
/// range; orientation is applied. Throws Error{input} for damaged files, {unsupported} for formats
/// and layouts that are not read, {memory} above the limits; never returns a partial picture.
ImageDocument read_image(const std::string& path, const ReadOptions& options = {});

struct WriteOptions {
    int quality = 95;                      ///< JPEG and WebP, 1 to 100
    int png_compression = 4;               ///< 0 (none) to 9 (smallest)
    std::string tiff_compression = "lzw";  ///< "none", "lzw" or "deflate"
    bool overwrite = true;                 ///< false: an existing file is an error
    bool sync = false;                     ///< force the file to disk before it appears
    bool keep_metadata = true;
};

/// What a format can hold, so that callers fail before they compute.
struct OutputFormat {
    std::string name;
    std::vector<std::string> extensions;  ///< lower case, without the dot
    std::vector<SampleType> sample_types;
    std::vector<std::int64_t> colours;  ///< numbers of channels besides alpha; empty: any
    bool alpha = false;
    bool pages = false;  ///< more than one picture
    std::int64_t largest_side = 0;
};

/// The format that an output path asks for: by extension, by prefix (`png:-`), and for a bare `-`
/// or /dev/stdout the input's. Throws Error{input} naming the formats that can be written.
const OutputFormat& output_format(const std::string& path, const std::string& input_format);

/// Throws Error{unsupported}, naming what can hold it, when the format cannot.
void check_representable(const OutputFormat& format, const std::string& path, SampleType type,
                         std::int64_t channels, bool has_alpha, std::int64_t pages);

}  // namespace conv
