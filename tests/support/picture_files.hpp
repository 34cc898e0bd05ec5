#pragma once

#include <string>

#include "support/test_files.hpp"
#include "tensor/rows.hpp"

namespace conv::test {

/// A PNG chunk with its checksum.
std::string png_chunk_text(const std::string& type, const std::string& data);

/// How libpng is to write a picture of pseudo-random samples.
struct PngForm {
    int colour_type = 2, depth = 8;
    bool interlaced = false, transparent = false;
    std::int64_t width = 37, height = 23;
};
std::string png_by_libpng(const PngForm& form);

/// How libjpeg is to write a smooth picture.
struct JpegForm {
    int channels = 3;
    int horizontal = 1, vertical = 1;  ///< sampling factors of luma
    bool progressive = false, cmyk = false;
    int quality = 90;
    std::int64_t width = 61, height = 43;
};
std::string jpeg_by_libjpeg(const JpegForm& form);

/// A JPEG with segments put in behind its start mark: marker and data.
std::string with_segments(const std::string& jpeg,
                          const std::vector<std::pair<int, std::string>>& segments);

/// An array file whose header is this text.
std::string npy_of(const std::string& header, const std::string& samples);

/// `bytes` are found in the file.
bool file_holds(const std::string& path, const std::string& bytes);

}  // namespace conv::test
