#include "kernels/builtin.hpp"
#include "kernels/builtin_edges.hpp"
#include "kernels/builtin_smoothing.hpp"

namespace conv {
namespace {

// The largest ones keep the automatic sizes of single kernels below kLargestBuiltinSize.
constexpr double kSmallestSigma = 0.01, kLargestSigma = 500;

BuiltinParameter sigma() {
    return {"sigma", "standard deviation in pixels", kSmallestSigma, kLargestSigma, "1"};
}

BuiltinParameter size() {
    return {"size", "side of the kernel in pixels", 1, kLargestBuiltinSize, "auto", 1};
}

BuiltinParameter amount() {
    return {"amount", "how much to add", 0, 1000, "1"};
}

BuiltinParameter direction(const char* default_text) {
    return {"direction",
            "degrees clockwise from +x, or a word",
            0,
            315,
            default_text,
            45,
            {{"x", 0},
             {"y", 90},
             {"e", 0},
             {"se", 45},
             {"s", 90},
             {"sw", 135},
             {"w", 180},
             {"nw", 225},
             {"n", 270},
             {"ne", 315},
             {"all", kAllDirections}}};
}

BuiltinParameter diagonal_direction() {
    return {"direction",
            "degrees clockwise from +x, or a word",
            45,
            315,
            "nw",
            90,
            {{"se", 45}, {"sw", 135}, {"nw", 225}, {"ne", 315}, {"all", kAllDirections}}};
}

BuiltinParameter connectivity() {
    return {"connectivity", "4 or 8 neighbours", 4, 8, "4", 4};
}

std::vector<BuiltinParameter> gabor_parameters(const BuiltinParameter& first) {
    return {first,
            {"wavelength", "of the wave in pixels", 2, 1000, "8"},
            {"sigma", "of the bell along the wave; auto: 0.56 wavelength", kSmallestSigma,
             kLargestSigma, "auto"},
            {"gamma", "the bell's width along the wave over that across it", 0.1, 10, "0.5"},
            {"psi", "phase in degrees: 0 even, 90 odd", -360, 360, "0"},
            size()};
}

std::vector<Builtin> make_table() {
    return {
        {"identity", "the picture as it is", {}, make_identity},
        {"shift",
         "moves the picture by whole pixels",
         {{"x", "columns to the right", -1000, 1000, "0", 1},
          {"y", "rows down", -1000, 1000, "0", 1}},
         make_shift},
        {"box",
         "mean of a rectangle",
         {{"size", "both sides in pixels", 1, kLargestBuiltinSize, "3", 1},
          {"width", "columns; auto: size", 1, kLargestBuiltinSize, "auto", 1},
          {"height", "rows; auto: size", 1, kLargestBuiltinSize, "auto", 1}},
         make_box},
        {"gaussian", "Gaussian blur", {sigma(), size()}, make_gaussian},
        {"binomial",
         "Pascal's triangle, near a Gaussian of variance (size-1)/4",
         {{"size", "side of the kernel in pixels", 1, 255, "3", 1}},
         make_binomial},
        {"disk",
         "mean of a disk with smooth edge: defocus",
         {{"radius", "in pixels", 0.5, 2000, "2"}},
         make_disk},
        {"motion",
         "mean along a line: motion blur",
         {{"length", "in pixels", 1, 2000, "9"},
          {"angle", "degrees clockwise from +x", -360, 360, "0"}},
         make_motion},
        {"sharpen", "identity less Laplacian", {amount(), connectivity()}, make_sharpen},
        {"unsharp",
         "identity plus what a Gaussian removes",
         {sigma(), amount(), size()},
         make_unsharp},
        {"emboss", "relief lit along a direction", {direction("se")}, make_emboss},
        {"laplacian", "second derivative", {connectivity()}, make_laplacian},
        {"log", "Laplacian of Gaussian, sums to 0", {sigma(), size()}, make_log},
        {"dog",
         "difference of Gaussians, sums to 0",
         {sigma(),
          {"ratio", "sigma of the second over that of the first", 0.01, 100, "1.6"},
          {"sigma2", "of the second; auto: ratio * sigma", kSmallestSigma, kLargestSigma, "auto"},
          size()},
         make_dog},
        {"sobel", "first derivative, smoothed 1 2 1", {direction("x")}, make_sobel},
        {"scharr", "first derivative, smoothed 3 10 3", {direction("x")}, make_scharr},
        {"prewitt", "first derivative, smoothed 1 1 1", {direction("x")}, make_prewitt},
        {"roberts", "first derivative along a diagonal, 2x2", {diagonal_direction()}, make_roberts},
        {"kirsch", "compass edges 5 and -3", {direction("e")}, make_kirsch},
        {"robinson", "compass edges 1 2 1", {direction("e")}, make_robinson},
        {"gabor", "a wave under a bell",
         gabor_parameters({"theta", "the wave's direction in degrees", -360, 360, "0"}),
         make_gabor},
        {"gabor-bank", "several gabor kernels, their directions spread over 180 degrees",
         gabor_parameters({"count", "number of directions", 1, 64, "4", 1}), make_gabor_bank},
    };
}

}  // namespace

const std::vector<Builtin>& builtin_kernels() {
    static const std::vector<Builtin> table = make_table();
    return table;
}

}  // namespace conv
