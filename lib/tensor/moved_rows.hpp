#pragma once

#include "tensor/image.hpp"

namespace conv {

/// Copies rows [first, first + count) of a band to the top of another of the same form, or of
/// itself.
void move_rows(const Image& from, std::int64_t first, std::int64_t count, const Image& to);

}  // namespace conv
