#include "tensor/window.hpp"

#include <cstring>

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

template <typename T>
void copy_samples(const Image& from, const Image& to, const Pixels& p) {
    const auto at = [&](const Image& picture) {
        return p.row * picture.strides.H + p.first * picture.strides.W +
               p.channel * picture.strides.C;
    };
    const T* x = from.data<const T>() + at(from);
    T* y = to.data<T>() + at(to);
    const auto dense = [&](const Strides& step) {
        return step.W == p.channels && (p.channels == 1 || step.C == 1);
    };
    if (dense(from.strides) && dense(to.strides)) {
        std::memcpy(y, x, static_cast<std::size_t>(p.count * p.channels) * sizeof(T));
        return;
    }
    for (std::int64_t w = 0; w < p.count; ++w) {
        for (std::int64_t c = 0; c < p.channels; ++c)
            y[w * to.strides.W + c * to.strides.C] = x[w * from.strides.W + c * from.strides.C];
    }
}

}  // namespace

void copy_pixels(const Image& from, const Image& to, const Pixels& pixels) {
    switch (sample_bytes(from.type)) {
        case 1:
            return copy_samples<std::uint8_t>(from, to, pixels);
        case 2:
            return copy_samples<std::uint16_t>(from, to, pixels);
        default:
            return copy_samples<std::uint32_t>(from, to, pixels);
    }
}

Image rows_of(const Image& picture, std::int64_t first, std::int64_t count) {
    Image part = moved(picture, first);
    part.shape.H = count;
    return part;
}

Image channel_of(const Image& picture, std::int64_t c) {
    const auto bytes = static_cast<std::int64_t>(sample_bytes(picture.type));
    Image channel = picture;
    channel.samples = {picture.samples,
                       picture.data<const std::byte>() + c * picture.strides.C * bytes};
    channel.shape.C = 1;
    channel.has_alpha = false;
    return channel;
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

Image picture_like(const Image& like, SampleType type, const Shape& shape) {
    const bool planar = like.shape.C > 1 && like.strides.W == 1;
    return planar ? Image::planar(type, shape.C, shape.H, shape.W)
                  : Image::interleaved(type, shape.C, shape.H, shape.W);
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
