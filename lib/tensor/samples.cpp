#include "tensor/samples.hpp"

#include <algorithm>
#include <cassert>

#include "base/aligned_buffer.hpp"

namespace conv {

Samples Samples::allocate(std::int64_t bytes) {
    auto buffer = std::make_shared<AlignedBuffer<std::byte>>(bytes);
    void* data = buffer->data();
    return handed_over({std::move(buffer), data}, bytes);
}

Samples Samples::handed_over(std::shared_ptr<void> memory, std::int64_t bytes) {
    Samples samples;
    samples.memory_ = std::move(memory);
    samples.owned_ = {static_cast<std::byte*>(samples.memory_.get()), bytes};
    return samples;
}

Samples Samples::borrowed(const void* first) {
    return {std::shared_ptr<const void>(first, [](const void*) {})};
}

void* Samples::writable() const {
    assert(owned() || !memory_);
    return memory_.get();
}

void Samples::discard(const void* first, std::int64_t bytes) const {
    if (!owned()) return;
    const auto* from = static_cast<const std::byte*>(first);
    const std::int64_t begin = std::clamp<std::int64_t>(from - owned_.begin, 0, owned_.bytes);
    const std::int64_t end = std::clamp<std::int64_t>(from - owned_.begin + bytes, 0, owned_.bytes);
    discard_pages(owned_.begin + begin, end - begin);
}

}  // namespace conv
