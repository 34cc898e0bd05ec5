#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace conv {

/// How a JPEG quantises and samples one channel.
struct JpegComponent {
    int horizontal = 1, vertical = 1;  ///< sampling factors
    int table = 0;                     ///< index of its quantisation table
};

/// The choices of a JPEG's encoder, so that a result can be encoded as its input was.
struct JpegCoding {
    std::array<std::optional<std::array<std::uint16_t, 64>>, 4> tables;  ///< in natural order
    std::vector<JpegComponent> components;
    bool progressive = false;
    bool is_rgb = false;  ///< stored as R, G, B, not as luma and chroma
};

/// How the samples of a TIFF page are stored; numbers as the file has them.
struct TiffStorage {
    int compression = 1, predictor = 1, bits = 8, photometric = 1;
    std::vector<std::uint16_t> extra_samples;
    bool big_tiff = false, big_endian = false, tiled = false, separate_planes = false;
    std::int64_t tile_width = 0, tile_height = 0, channels = 1;
};

/// How an input's samples were encoded, for outputs that shall be like it. Samples do not depend
/// on it, and `--metadata strip` leaves it.
struct SampleCoding {
    std::optional<JpegCoding> jpeg;
    bool lossless_webp = false;
    std::optional<TiffStorage> tiff;
};

}  // namespace conv
