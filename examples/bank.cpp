// Two kernels on one picture of floats, and the length of both results together.
#include <conv/conv.hpp>
#include <cstdio>
#include <vector>

int main() {
    std::vector<float> ramp;
    for (int h = 0; h < 5; ++h) {
        for (int w = 0; w < 5; ++w) ramp.push_back(static_cast<float>(3 * h + 4 * w));
    }
    const auto picture = conv::Image::borrowed(conv::SampleType::f32, ramp.data(), {1, 1, 5, 5});
    conv::FilterSettings settings;
    settings.depth = conv::SampleType::f32;
    const std::vector<conv::FilterKernel> kernels = {"-1/2 0 1/2", "-1/2; 0; 1/2"};
    const auto apart = conv::filter_bank(picture, kernels, settings);
    settings.combine = conv::Combine::l2;
    const auto length = conv::filter_bank(picture, kernels, settings);
    constexpr int kMiddle = 2 * 5 + 2;
    std::printf("%g %g %g\n", apart[0].data<const float>()[kMiddle],
                apart[1].data<const float>()[kMiddle], length[0].data<const float>()[kMiddle]);
}
