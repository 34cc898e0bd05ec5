#include "bench_problems.hpp"

#include <fmt/format.h>

namespace conv::bench {
namespace {

/// One picture under square kernels of several sizes, border reflect101, result as large as it.
struct Family {
    const char* name;
    const char* picture;
    SampleType type;
    KernelKind kernel;
    std::vector<int> sizes;
    bool both_signs = false;
};

/// Samples of both signs, as activations are.
struct Layer {
    const char* name;
    const char* problem;
    SampleType type = SampleType::f32;
    KernelKind kernel = KernelKind::random;
};

std::vector<Family> families() {
    using enum SampleType;
    using enum KernelKind;
    return {
        {"plane-f32",
         "n1c1h2048w2048",
         f32,
         random,
         {3, 5, 7, 9, 11, 13, 15, 17, 21, 25, 31, 51, 101}},
        {"signed-plane-f32", "n1c1h2048w2048", f32, random, {15, 21, 31, 51, 101}, true},
        {"small-plane-f32", "n1c1h100w100", f32, random, {3, 7, 13, 25}},
        {"large-plane-f32", "n1c1h10000w10000", f32, random, {3, 5, 17}},
        {"rgb-u8", "n3c1h2048w2048", u8, random, {3, 5, 7, 9, 11, 15, 21, 31, 51}},
        {"whole-rgb-u8", "n3c1h2048w2048", u8, whole, {3, 5, 7, 9, 11, 15, 21, 31}},
        {"gauss-plane-f32", "n1c1h2048w2048", f32, gaussian, {3, 5, 7, 11, 15, 21, 31, 51}},
        {"gauss-plane-u8", "n1c1h2048w2048", u8, gaussian, {3, 5, 7, 11, 15, 21, 31, 51}},
        {"gauss-rgb-f32", "n3c1h2048w2048", f32, gaussian, {3, 5, 7, 15, 31, 51}},
        {"gauss-rgb-u8", "n3c1h2048w2048", u8, gaussian, {3, 5, 7, 11, 15, 21, 31, 51}},
        {"gauss-rgb-u16", "n3c1h1024w1024", u16, gaussian, {3, 7, 21}},
        {"rgb-u16", "n3c1h1024w1024", u16, random, {3, 5, 9}},
        {"whole-rgb-u16", "n3c1h1024w1024", u16, whole, {3, 5, 7, 9, 11, 15, 21, 31}},
        {"tiny-f32", "n1c1h40w70", f32, gaussian, {5}},
        {"tiny-u8", "n3c1h40w70", u8, gaussian, {5}},
    };
}

/// Zero border, float32, planar: what oneDNN computes too.
constexpr Layer kLayers[] = {
    {"plane-zero-15x15", "n1c1h2048w2048_k1r15s15_p7"},
    {"bank-1-16-15x15", "n1c1h512w512_k16r15s15_p7"},
    {"bank-3-16-7x7", "n1c3h1080w1920_k16r7s7_p3"},
    {"bank-3-8-5x5", "n1c3h480w640_k8r5s5_p2"},
    {"bank-8-3-5x5", "n1c8h480w640_k3r5s5_p2"},
    {"bank-3-8-13x13", "n1c3h480w640_k8r13s13_p6"},
    {"bank-1-64-31x31", "n1c1h512w512_k64r31s31_p15"},
    {"layer-3-96-11x11-s4", "n1c3h227w227_k96r11s11_s4"},
    {"layer-3-64-7x7-s2", "n1c3h224w224_k64r7s7_p3_s2"},
    {"layer-64-3x3-224", "n1c64h224w224_k64r3s3_p1"},
    {"layer-64-3x3-56", "n1c64h56w56_k64r3s3_p1"},
    {"layer-128-3x3-28", "n1c128h28w28_k128r3s3_p1"},
    {"layer-256-3x3-14", "n1c256h14w14_k256r3s3_p1"},
    {"layer-512-3x3-7", "n1c512h7w7_k512r3s3_p1"},
    {"depthwise-64-3x3", "n1c64h112w112_k64r3s3_p1_g64"},
    {"bank-2-4-3x3", "n1c2h480w640_k4r3s3_p1"},
    {"few-rows-7x7", "n1c1h12w8192_k1r7s7_p3"},
    {"short-rows-7x7", "n1c1h8192w24_k1r7s7_p3"},
    {"row-1x31", "n1c1h1024w2048_k1r1s31_p0x15"},
    {"column-31x1", "n1c1h1024w2048_k1r31s1_p15x0"},
    {"plane-5x5-s2", "n1c1h2048w2048_k1r5s5_p2_s2"},
    {"rgb-9x9-s2", "n3c1h1024w1024_k1r9s9_p4_s2"},
    {"row-1x31-u8", "n3c1h1024w1024_k1r1s31_p0x15_breflect101", SampleType::u8, KernelKind::whole},
    {"column-31x1-u8", "n3c1h1024w1024_k1r31s1_p15x0_breflect101", SampleType::u8,
     KernelKind::whole},
    {"rgb-5x5-s2-u8", "n3c1h1024w1024_k1r5s5_p2_s2_breflect101", SampleType::u8, KernelKind::whole},
    {"short-rows-5x5-u8", "n1c1h8192w24_k1r5s5_p2_breflect101", SampleType::u8, KernelKind::whole},
    {"tiny-layer", "n1c6h20w23_k8r3s3_p1"},
};

}  // namespace

std::vector<BenchRow> bench_rows() {
    std::vector<BenchRow> rows;
    for (const Family& family : families()) {
        for (const int size : family.sizes) {
            const std::string text =
                fmt::format("{0}_k1r{1}s{1}_p{2}_breflect101", family.picture, size, size / 2);
            rows.push_back({fmt::format("{0}-{1}x{1}", family.name, size), parse_problem(text),
                            family.type, family.kernel, family.both_signs});
        }
    }
    for (const Layer& layer : kLayers) {
        rows.push_back({layer.name, parse_problem(layer.problem), layer.type, layer.kernel, true});
    }
    return rows;
}

}  // namespace conv::bench
