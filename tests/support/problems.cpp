#include "support/problems.hpp"

#include <array>
#include <span>

#include "tensor/border_rules.hpp"

namespace conv::test {

std::vector<NamedProblem> named_problems() {
    constexpr auto kTexts = std::to_array<std::array<const char*, 2>>({
        {"1x1", "n1c3h9w11_k4r1s1"},
        {"1x1_batch", "n3c5h7w6_k2r1s1"},
        {"1x1_grouped", "n2c6h8w9_k4r1s1_g2"},
        {"1x1_single_map", "n1c4h16w15_k1r1s1"},
        {"1x1_stride2", "n1c3h9w11_k4r1s1_s2"},
        {"1x1_padded", "n1c3h9w11_k4r1s1_p1"},
        {"textbook_2d", "n1c1h3w3_k1r2s2"},
        {"textbook_3d", "n1c3h3w3_k1r2s2"},
        {"dense_3x3", "n1c3h17w19_k5r3s3_p1"},
        {"even_kernel", "n1c2h13w12_k3r4s2_p2x1x1x0"},
        {"stride2", "n1c3h15w17_k2r3s3_p1_s2"},
        {"stride3_uneven", "n2c2h20w23_k3r5s4_p1x2x0x3_s3x2"},
        {"stride_exceeds_kernel", "n1c2h19w21_k2r2s3_p1_s4x5"},
        {"first_layer", "n1c3h47w45_k8r11s11_s4"},
        {"dilated", "n1c2h21w22_k3r3s3_p2_d2"},
        {"dilated_vertical", "n1c1h25w14_k1r5s3_d3x1"},
        {"dilated_horizontal", "n1c3h12w29_k2r2s5_d1x3"},
        {"stride2_dilated2", "n1c2h27w26_k2r3s3_p2_s2_d2"},
        {"stride2_dilated3", "n1c2h33w31_k3r4s3_p3x1x2x0_s2_d3"},
        {"stride3_dilated2", "n1c1h40w35_k1r3s4_s3_d2"},
        {"stride4_dilated6", "n1c1h50w49_k1r3s3_p6_s4_d6"},
        {"grouped", "n1c6h11w13_k4r3s3_p1_g2"},
        {"grouped_stride_dilated", "n2c6h19w18_k9r3s2_p2_s2x3_d2x1_g3"},
        {"depthwise", "n1c7h14w15_k7r3s3_p1_g7"},
        {"depthwise_multiplier", "n1c4h14w15_k8r5s5_p2_g4"},
        {"tail_17ch", "n1c17h9w10_k17r3s3_p1"},
        {"bank_16", "n1c1h40w33_k16r5s5_p2"},
        {"bank_tail", "n1c2h23w21_k7r3s3_p1"},
        {"many_channels", "n1c64h8w7_k48r3s3_p1"},
        {"pad_exceeds_kernel", "n1c2h5w6_k2r3s3_p5"},
        {"kernel_exceeds_image", "n1c2h4w3_k2r9s7_p4x4x3x3_breflect101"},
        {"kernel_exceeds_image_wrap", "n1c1h3w4_k1r11s13_p5x5x6x6_bwrap"},
        {"single_pixel", "n1c1h1w1_k1r3s3_p1_breflect101"},
        {"single_pixel_reflect", "n1c3h1w1_k2r5s5_p2_breflect"},
        {"1xN", "n1c1h1w40_k1r1s7_p0x3_breplicate"},
        {"Nx1", "n1c1h40w1_k1r7s1_p3x0_breflect"},
        {"row_kernel", "n1c2h12w30_k2r1s9_p0x4_bwrap"},
        {"column_kernel", "n1c2h30w12_k2r9s1_p4x0_breflect101"},
        {"replicate", "n1c2h10w11_k2r5s5_p2_breplicate"},
        {"reflect", "n1c2h10w11_k2r5s5_p2_breflect"},
        {"reflect101", "n2c2h10w11_k2r5s5_p2_breflect101"},
        {"wrap", "n1c2h10w11_k2r5s5_p2_bwrap"},
        {"constant_value", "n1c2h10w11_k2r5s5_p2_bconstant:3.5,-1"},
        {"border_stride_dilated", "n1c2h17w15_k2r3s3_p4_s2_d2_bwrap"},
        {"odd_15x15", "n1c1h64w80_k1r15s15_p7_breflect101"},
        {"large_31x31", "n1c1h50w70_k1r31s31_p15_breflect101"},
        {"inside_3x3", "n1c2h90w200_k2r3s3_p1_breplicate"},
        {"inside_dilated", "n1c1h100w160_k2r3s2_p2x2x3x3_d2x3"},
        {"inside_row_stride", "n1c2h150w170_k1r4s3_p1_s2x1_bwrap"},
        {"inside_grouped", "n1c4h70w140_k4r2s5_p1x0x2x2_g2"},
        {"tall_block_11x11", "n1c1h80w150_k2r11s11_p5_breflect101"},
        {"split_columns", "n1c1h14w25000_k1r3s3_p1_s1x2_breflect"},
        {"split_columns_wide", "n1c3h13w9000_k1r7s3_p3x3x1x1"},
        {"large_31x31_grouped", "n1c4h70w300_k6r31s31_p15_g2_bwrap"},
        {"large_33x17_stride2", "n1c2h151w330_k2r33s17_p16x8_s2x3_breflect"},
        {"large_9x9_dilated", "n1c1h130w170_k1r9s9_p16_d4_breplicate"},
        {"large_3x3_wide", "n1c2h9w2300_k2r3s3_p1_breflect101"},
        {"large_3x3_bank", "n1c40h83w61_k24r3s3_p1_g2"},
        {"long_row", "n1c2h6w300_k2r1s71_p0x35_breflect101"},
        {"long_row_dilated", "n1c1h5w700_k1r1s37_d1x3"},
        {"wide_window", "n1c1h20w330_k1r3s83_p1x41_breplicate"},
        {"maps_together", "n1c3h20w150_k11r3s3_p1_breflect101"},
        {"maps_strided_dilated", "n1c2h40w170_k5r7s3_p3_s3x1_d2"},
        {"maps_grouped", "n1c4h17w90_k8r2s3_p1_g2_bwrap"},
        {"large", "n1c3h301w517_k2r5s5_p2_breflect101"},
    });
    std::vector<NamedProblem> problems;
    for (const auto& [name, text] : kTexts) problems.push_back({name, parse_problem(text)});
    return problems;
}

std::vector<NamedProblem> size_sweep() {
    const std::span<const BorderRule> borders = border_rules();
    std::vector<NamedProblem> problems;
    for (std::int64_t H = 1; H <= 20; ++H) {
        for (std::int64_t W = 1; W <= 20; ++W) {
            Problem p;
            p.H = H;
            p.W = W;
            p.N = 1 + (H + W) % 2;
            p.C = 1 + W % 2;
            p.K = 1 + H % 3;
            p.R = 1 + (H + 2 * W) % 5;
            p.S = 1 + (2 * H + W) % 6;
            p.stride_h = 1 + W % 3 % 2;
            p.stride_w = 1 + H % 4 / 2;
            p.dilation_h = 1 + H % 5 / 4;
            p.dilation_w = 1 + W % 5 / 4;
            p.padding = {p.dilation_h * (p.R - 1), p.dilation_h * (p.R - 1) / 2,
                         p.dilation_w * (p.S - 1) / 2, p.dilation_w * (p.S - 1)};
            p.border.mode = borders[static_cast<std::size_t>(H * 20 + W) % borders.size()].mode;
            problems.push_back({"sweep_" + format_problem(p), p});
        }
    }
    return problems;
}

}  // namespace conv::test
