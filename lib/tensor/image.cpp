#include "tensor/image.hpp"

#include "base/aligned_buffer.hpp"

namespace conv {
namespace {

std::shared_ptr<void> allocate_samples(SampleType type, const Shape& shape) {
    auto buffer = std::make_shared<AlignedBuffer<std::byte>>(picture_bytes(type, shape));
    void* data = buffer->data();
    return {std::move(buffer), data};
}

}  // namespace

std::int64_t picture_bytes(SampleType type, const Shape& shape) {
    return checked_product(
        {shape.C, shape.H, shape.W, static_cast<std::int64_t>(sample_bytes(type))}, "a picture");
}

Image Image::interleaved(SampleType type, std::int64_t channels, std::int64_t height,
                         std::int64_t width, bool has_alpha) {
    const Shape shape{1, channels, height, width};
    return {type, shape, interleaved_strides(shape), has_alpha, allocate_samples(type, shape)};
}

Image Image::planar(SampleType type, std::int64_t channels, std::int64_t height,
                    std::int64_t width) {
    const Shape shape{1, channels, height, width};
    return {type, shape, planar_strides(shape), false, allocate_samples(type, shape)};
}

}  // namespace conv
