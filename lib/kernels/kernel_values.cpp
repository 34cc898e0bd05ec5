#include "kernels/kernel_values.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace conv {

std::vector<double> scaled_values(const Kernel& kernel) {
    std::vector<double> values = kernel.values;
    if (kernel.scale != 1) {
        for (double& value : values) value *= kernel.scale;
    }
    return values;
}

void require_two_dimensional(const Kernel& kernel, std::string_view format) {
    if (kernel.rank != 2) {
        fail(ErrorKind::usage, "{} holds one R x S kernel, '{}' has {} dimensions: use plain",
             format, kernel.name, kernel.rank);
    }
}

void require_default_anchor(const Kernel& kernel, std::string_view format) {
    const Anchor usual{kernel.S / 2, kernel.R / 2};
    if (kernel.anchor && *kernel.anchor != usual) {
        fail(ErrorKind::usage, "{} holds no anchor, '{}' has {},{}: use plain or imagemagick",
             format, kernel.name, kernel.anchor->x, kernel.anchor->y);
    }
}

void require_no_bias(const Kernel& kernel, std::string_view format) {
    const auto nonzero =
        std::find_if(kernel.bias.begin(), kernel.bias.end(), [](double bias) { return bias != 0; });
    if (nonzero != kernel.bias.end()) {
        fail(ErrorKind::usage, "{} holds no bias, '{}' has {}: use plain", format, kernel.name,
             *nonzero);
    }
}

}  // namespace conv
