#include "support/filtering.hpp"

#include <doctest/doctest.h>

#include <utility>

#include "cpu/cpu_device.hpp"

namespace conv::test {

Kernel make_kernel(std::vector<std::int64_t> sizes, std::vector<double> values) {
    Kernel kernel;
    kernel.rank = static_cast<int>(sizes.size());
    while (sizes.size() < 4) sizes.insert(sizes.begin(), 1);
    kernel.K = sizes[0];
    kernel.C = sizes[1];
    kernel.R = sizes[2];
    kernel.S = sizes[3];
    kernel.values = std::move(values);
    kernel.format = "plain";
    kernel.name = "test kernel";
    return kernel;
}

Kernel factor_kernel(double factor, double bias) {
    Kernel kernel = make_kernel({1, 1}, {factor});
    if (bias != 0) kernel.bias = {bias};
    return kernel;
}

Kernel shift_kernel(std::int64_t dy, std::int64_t dx) {
    Kernel kernel = make_kernel({3, 3}, std::vector<double>(9, 0));
    kernel.values[static_cast<std::size_t>((1 + dy) * 3 + 1 + dx)] = 1;
    return kernel;
}

Kernel identity_kernel() {
    return make_kernel({1, 1}, {1});
}

Kernel box_kernel(std::int64_t R, std::int64_t S) {
    const auto count = static_cast<std::size_t>(R * S);
    return make_kernel({R, S}, std::vector<double>(count, 1.0 / static_cast<double>(count)));
}

Kernel uneven_kernel(std::vector<std::int64_t> sizes) {
    std::int64_t count = 1;
    for (const std::int64_t size : sizes) count *= size;
    std::vector<double> values;
    for (std::int64_t i = 0; i < count; ++i) {
        values.push_back(static_cast<double>((i * 7 + 3) % 11 - 4) / 16);
    }
    return make_kernel(std::move(sizes), std::move(values));
}

FilterSettings settings_for(const Image& page) {
    FilterSettings settings;
    settings.depth = page.type;
    return settings;
}

const Device& test_device() {
    static const Device device = cpu_device();
    return device;
}

FilterResult filter(const std::vector<Kernel>& kernels, const std::vector<Image>& pages,
                    const FilterSettings& settings) {
    return filter_pages(test_device(), make_bank(kernels, settings), pages, settings);
}

Image filter_picture(const std::vector<Kernel>& kernels, const Image& page,
                     const FilterSettings& settings) {
    FilterResult result = filter(kernels, {page}, settings);
    return result.pages.at(0).at(0);
}

std::string filter_error(const std::vector<Kernel>& kernels, const Image& page,
                         const FilterSettings& settings, ErrorKind kind) {
    try {
        filter(kernels, {page}, settings);
    } catch (const Error& error) {
        CHECK(error.kind() == kind);
        return error.what();
    }
    return "";
}

void check_contains(const std::string& text, const std::string& fragment) {
    CAPTURE(text);
    CAPTURE(fragment);
    CHECK(text.find(fragment) != std::string::npos);
}

void set_sample(const Image& picture, std::int64_t c, std::int64_t y, std::int64_t x,
                double value) {
    const Strides& step = picture.strides;
    const std::int64_t i = c * step.C + y * step.H + x * step.W;
    if (picture.type == SampleType::u8)
        picture.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(value);
    if (picture.type == SampleType::u16)
        picture.data<std::uint16_t>()[i] = static_cast<std::uint16_t>(value);
    if (picture.type == SampleType::f32) picture.data<float>()[i] = static_cast<float>(value);
}

Image row_picture(SampleType type, const std::vector<double>& samples) {
    const auto count = static_cast<std::int64_t>(samples.size());
    Image picture = Image::interleaved(type, 1, 1, count);
    for (std::int64_t x = 0; x < count; ++x)
        set_sample(picture, 0, 0, x, samples[static_cast<std::size_t>(x)]);
    return picture;
}

std::vector<double> samples_of(const Image& picture) {
    std::vector<double> samples;
    for (std::int64_t c = 0; c < picture.shape.C; ++c) {
        for (std::int64_t y = 0; y < picture.shape.H; ++y) {
            for (std::int64_t x = 0; x < picture.shape.W; ++x) {
                samples.push_back(sample_at(picture, c, y, x));
            }
        }
    }
    return samples;
}

std::vector<double> filtered_row(SampleType type, const std::vector<double>& samples,
                                 const std::vector<Kernel>& kernels,
                                 const FilterSettings& settings) {
    return samples_of(filter_picture(kernels, row_picture(type, samples), settings));
}

std::vector<double> filtered_row(SampleType type, const std::vector<double>& samples,
                                 const Kernel& kernel) {
    FilterSettings settings;
    settings.depth = type;
    return filtered_row(type, samples, {kernel}, settings);
}

Image planar_copy(const Image& picture) {
    const Shape& shape = picture.shape;
    Image copy = Image::planar(picture.type, shape.C, shape.H, shape.W);
    copy.has_alpha = picture.has_alpha;
    for (std::int64_t c = 0; c < shape.C; ++c) {
        for (std::int64_t y = 0; y < shape.H; ++y) {
            for (std::int64_t x = 0; x < shape.W; ++x) {
                set_sample(copy, c, y, x, sample_at(picture, c, y, x));
            }
        }
    }
    return copy;
}

}  // namespace conv::test
