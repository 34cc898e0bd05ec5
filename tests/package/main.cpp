// Ten lines on the installed library: the worked 3x3 sum of a picture of ones.
#include <array>
#include <conv/convolve.hpp>
#include <conv/devices.hpp>
#include <cstdio>

int main() {
    const conv::Problem problem{.H = 3, .W = 3, .R = 3, .S = 3};
    std::array<float, 9> src, weights;
    src.fill(1), weights.fill(2);
    float dst = 0;
    const conv::Devices devices = conv::open_devices();
    conv::convolve(devices.found.front(), "gemm", problem,
                   {conv::SampleType::f32, src.data(), problem.src_shape(), {9, 9, 3, 1}},
                   {weights, {}}, {&dst, problem.dst_shape(), {1, 1, 1, 1}});
    std::printf("%g\n", static_cast<double>(dst));
    return dst == 18 ? 0 : 1;
}
