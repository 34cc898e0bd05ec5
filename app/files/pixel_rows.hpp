#pragma once

#include <cstdint>
#include <functional>

#include "files/output/byte_sink.hpp"
#include "tensor/image.hpp"

namespace conv {

/// Copies row y of a picture with any strides into `row`, channels interleaved.
void copy_row(const Image& picture, std::int64_t y, void* row);

/// Copies `row`, channels interleaved, into row y of a picture with any strides.
void paste_row(const void* row, const Image& picture, std::int64_t y);
/// Copies all rows of a picture into another of its type and shape; strides are any.
void copy_rows(const Image& from, const Image& to);

/// Writes the rows of a picture from the top, channels interleaved. `prepare` may change the
/// samples on their way.
void write_rows(const Image& picture, ByteSink& sink,
                const std::function<void(void* samples, std::int64_t count)>& prepare = {});

/// True when the pixels of each row lie next to each other, channels interleaved.
bool has_interleaved_rows(const Image& picture);

/// The picture in pixel-interleaved memory that nobody else holds: itself where that is so already.
Image owned_interleaved(Image picture);

/// Exchanges channels 0 and 2 of a picture with interleaved rows, in place.
void swap_red_and_blue(Image& picture);

/// Grey and alpha as R = G = B = grey and alpha.
Image grey_alpha_as_rgba(const Image& picture);

/// The picture as EXIF and TIFF orientation 1 to 8 says that it is to be seen.
Image oriented(Image picture, int orientation);

/// Scales integer samples 0..maximum to the full range of the type, in place.
void scale_to_full_range(Image& picture, std::uint32_t maximum);

/// Exchanges the bytes of `count` 16-bit samples, in place.
void swap_bytes_16(void* samples, std::int64_t count);

}  // namespace conv
