#include "tensor/window.hpp"

namespace conv {
namespace {

/// The picture with its origin moved down by `rows` rows, or up.
Image moved(const Image& picture, std::int64_t rows) {
    const auto bytes = static_cast<std::int64_t>(sample_bytes(picture.type));
    Image at = picture;
    // As a number: a window's origin may lie outside the memory that it has.
    const auto origin = reinterpret_cast<std::uintptr_t>(picture.samples.get()) +
                        static_cast<std::uintptr_t>(rows * picture.strides.H * bytes);
    at.samples = {picture.samples, reinterpret_cast<const void*>(origin)};
    return at;
}

}  // namespace

Image rows_of(const Image& picture, std::int64_t first, std::int64_t count) {
    Image part = moved(picture, first);
    part.shape.H = count;
    return part;
}

Image window_of(const Image& band, std::int64_t first, std::int64_t height) {
    Image window = moved(band, -first);
    window.shape.H = height;
    return window;
}

Image without_samples(const PictureInfo& picture) {
    const Strides strides =
        picture.planar ? planar_strides(picture.shape) : interleaved_strides(picture.shape);
    return {picture.type, picture.shape, strides, picture.has_alpha, nullptr};
}

PictureInfo info_of(const Image& picture) {
    return {picture.type, picture.shape, picture.has_alpha,
            picture.shape.C > 1 && picture.strides.W == 1};
}

bool same_form(const PictureInfo& a, const PictureInfo& b) {
    return a.type == b.type && a.shape == b.shape && a.has_alpha == b.has_alpha &&
           a.planar == b.planar;
}

}  // namespace conv
