#include "tensor/moved_rows.hpp"

#include <cstring>

namespace conv {

void move_rows(const Image& from, std::int64_t first, std::int64_t count, const Image& to) {
    const auto bytes = static_cast<std::int64_t>(sample_bytes(from.type));
    const bool planar = from.shape.C > 1 && from.strides.W == 1;
    for (std::int64_t c = 0; c < (planar ? from.shape.C : 1); ++c) {
        std::memmove(to.data<std::byte>() + c * to.strides.C * bytes,
                     from.data<std::byte>() + (c * from.strides.C + first * from.strides.H) * bytes,
                     static_cast<std::size_t>(count * from.strides.H * bytes));
    }
}

}  // namespace conv
