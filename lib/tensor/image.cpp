#include "tensor/image.hpp"

#include "base/size.hpp"

namespace conv {
std::int64_t picture_bytes(SampleType type, const Shape& shape) {
    return checked_product(
        {shape.C, shape.H, shape.W, static_cast<std::int64_t>(sample_bytes(type))}, "a picture");
}

Image Image::interleaved(SampleType type, std::int64_t channels, std::int64_t height,
                         std::int64_t width, bool has_alpha) {
    const Shape shape{1, channels, height, width};
    return {type, shape, interleaved_strides(shape), has_alpha,
            Samples::allocate(picture_bytes(type, shape))};
}

Image Image::borrowed(SampleType type, const void* samples, const Shape& shape,
                      std::int64_t row_step) {
    Strides strides = interleaved_strides(shape);
    if (row_step != 0) strides.H = row_step;
    return {type, shape, strides, false, Samples::borrowed(samples)};
}

Image Image::planar(SampleType type, std::int64_t channels, std::int64_t height,
                    std::int64_t width) {
    const Shape shape{1, channels, height, width};
    return {type, shape, planar_strides(shape), false,
            Samples::allocate(picture_bytes(type, shape))};
}

}  // namespace conv
