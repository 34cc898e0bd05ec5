#pragma once

#include <cstddef>
#include <vector>

#include "vec3.hpp"

namespace conv::samples {

/// Interleaved samples, row by row; colours in the order R, G, B, A. Integer pictures use 0 .. 1.
struct Picture {
    int channels, height, width;
    std::vector<double> samples;

    Picture(int c, int h, int w)
        : channels(c),
          height(h),
          width(w),
          samples(static_cast<std::size_t>(c) * static_cast<std::size_t>(h) *
                  static_cast<std::size_t>(w)) {}

    double& at(int row, int column, int channel = 0) {
        return samples[index(row, column, channel)];
    }
    double at(int row, int column, int channel = 0) const {
        return samples[index(row, column, channel)];
    }
    void set(int row, int column, Vec3 colour) {
        at(row, column, 0) = colour.x;
        at(row, column, 1) = colour.y;
        at(row, column, 2) = colour.z;
    }

private:
    std::size_t index(int row, int column, int channel) const {
        const auto pixel = static_cast<std::size_t>(row) * static_cast<std::size_t>(width) +
                           static_cast<std::size_t>(column);
        return pixel * static_cast<std::size_t>(channels) + static_cast<std::size_t>(channel);
    }
};

}  // namespace conv::samples
