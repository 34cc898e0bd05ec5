#pragma once

#include <cstdint>

#include "tensor/image.hpp"
#include "tensor/rows.hpp"

namespace conv {

/// Rows [first, first + count) of a picture, sharing its samples.
Image rows_of(const Image& picture, std::int64_t first, std::int64_t count);

/// Channel c of a picture, sharing its samples.
Image channel_of(const Image& picture, std::int64_t c);

/// A picture of `height` rows of which there is memory for those in `band` alone, from row `first`
/// on: no other row may be touched. Shares the samples.
Image window_of(const Image& band, std::int64_t first, std::int64_t height);

/// A run of pixels of one row, some neighbouring channels of them.
struct Pixels {
    std::int64_t row, first, count, channel, channels;
};
/// Copies them between pictures of one type and of any strides.
void copy_pixels(const Image& from, const Image& to, const Pixels& pixels);

/// The picture without its samples.
Image without_samples(const PictureInfo& picture);

/// An uninitialised picture, planar or interleaved as `like` is. Throws Error{memory}.
Image picture_like(const Image& like, SampleType type, const Shape& shape);

/// What a picture is, its samples left aside.
PictureInfo info_of(const Image& picture);

/// Whether two pictures have the same form.
bool same_form(const PictureInfo& a, const PictureInfo& b);

}  // namespace conv
