#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "files/file_bytes.hpp"
#include "tensor/image.hpp"

namespace conv {

/// The picture of a WebP file as R, G, B, or R, G, B, A where it has alpha. `name` begins errors.
Image decode_webp(ByteView file, const std::string& name);

/// How samples are encoded.
struct WebpQuality {
    bool lossless = false;  ///< every sample, also under alpha 0
    int quality = 95;       ///< of lossy files, 1 to 100
};

/// The most bytes that encoding takes beside the picture: its copies, the encoder's work and the
/// file. Measured on noise, which takes most.
std::int64_t webp_encoder_bytes(const Shape& shape, bool lossless);

/// A WebP file without metadata, from interleaved grey, RGB or RGBA.
std::vector<std::uint8_t> encode_webp(const Image& picture, const WebpQuality& quality);

}  // namespace conv
