#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "files/file_bytes.hpp"
#include "files/metadata.hpp"

namespace conv {

/// A marker segment of a JPEG: 0xe0 + n for APPn, 0xfe for a comment.
struct JpegSegment {
    int marker = 0;
    std::vector<std::uint8_t> data;  ///< without marker and length
};

inline constexpr int kJpegApp0 = 0xe0, kJpegComment = 0xfe;

/// What the segments before the samples say. Pieces of a colour profile may come in any order;
/// what cannot be carried becomes a loss.
Metadata metadata_of_segments(const std::vector<JpegSegment>& segments);

/// The segments that say `metadata` of a picture of width x height, in the order in which readers
/// expect them after JFIF's. Appends what is too large for a segment to `notes`.
std::vector<JpegSegment> segments_of_metadata(const Metadata& metadata, std::int64_t width,
                                              std::int64_t height, std::vector<std::string>& notes);

}  // namespace conv
