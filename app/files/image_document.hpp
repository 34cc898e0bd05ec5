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
    /// The largest value that integer samples had in the file (a PNM's maxval) before they were
    /// scaled to their type's range, and have again in a format that can say so; 0: their type's.
    std::uint32_t maximum = 0;
    std::vector<std::string> notes;  ///< what was done to the samples, for -v
};

struct ReadOptions {
    std::int64_t max_pixels = std::int64_t{1} << 30;  ///< of all pages together
    std::optional<std::int64_t> max_memory;           ///< for the decoded samples, in bytes
    std::string layout;                               ///< of a 3-D .npy: "", "chw" or "hwc"
    int threads = 0;                                  ///< of decoders that can use several; 0: all
};

struct WriteOptions {
    /// JPEG and WebP, 1 to 100; absent: as the input was encoded, 95 from other formats.
    std::optional<int> quality;
    std::string subsampling = "keep";       ///< of JPEG's chroma: "keep", "444", "422" or "420"
    bool lossless = false;                  ///< WebP
    int png_compression = 4;                ///< 0 (none) to 9 (smallest)
    std::string tiff_compression = "keep";  ///< or "none", "lzw", "deflate", "zstd"
    std::string tiff_layout = "keep";       ///< or "strips", "tiles"
    bool overwrite = true;                  ///< false: an existing file is an error
    bool sync = false;                      ///< force the file to disk before it appears
    bool keep_metadata = true;
    int threads = 0;     ///< of encoders; 0: all cores. The bytes do not depend on it
    bool spool = false;  ///< hold back what goes to a pipe until it is complete
    std::optional<std::int64_t> max_memory;  ///< of the process, while it encodes
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

}  // namespace conv
