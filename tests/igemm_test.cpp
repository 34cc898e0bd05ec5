#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <random>

#include "base/error.hpp"
#include "conv/convolve.hpp"
#include "conv/whole_weights.hpp"
#include "cpu/cpu_device.hpp"
#include "cpu/igemm/layout.hpp"
#include "kernels/builtin.hpp"
#include "support/filtering.hpp"
#include "support/random_page.hpp"
#include "support/simd_targets.hpp"
#include "support/test_devices.hpp"

using namespace conv;
using namespace conv::test;

namespace {

/// One filtering of a picture of 8 or 16 bits with weights[i] / denominator and its results as
/// rationals.
struct Case {
    Image page;
    std::vector<std::int64_t> weights;  ///< K x C x R x S
    std::int64_t bias = 0, denominator = 1;
    std::int64_t K = 1, C = 1, R = 1, S = 1;
    bool bank = false;  ///< sums over channels; else one 2-D kernel
    FilterSettings settings;
    std::vector<std::int64_t> sums;  ///< over the denominator, [map or channel][row][column]
    std::int64_t P = 0, Q = 0;
};

/// The index rule of every border, step by step; -1 for the constant.
std::int64_t index_of(BorderMode mode, std::int64_t i, std::int64_t size) {
    while (i < 0 || i >= size) {
        if (mode == BorderMode::constant) return -1;
        if (mode == BorderMode::replicate) i = i < 0 ? 0 : size - 1;
        if (mode == BorderMode::wrap) i += i < 0 ? size : -size;
        if (mode == BorderMode::reflect) i = i < 0 ? -1 - i : 2 * size - 1 - i;
        if (mode == BorderMode::reflect101) i = size == 1 ? 0 : i < 0 ? -i : 2 * size - 2 - i;
    }
    return i;
}

std::int64_t sample(const Case& c, std::int64_t channel, std::int64_t h, std::int64_t w) {
    if (h < 0 || w < 0) return static_cast<std::int64_t>(c.settings.border.value(channel));
    const Strides& s = c.page.strides;
    const std::int64_t at = channel * s.C + h * s.H + w * s.W;
    return c.page.type == SampleType::u8 ? c.page.data<std::uint8_t>()[at]
                                         : c.page.data<std::uint16_t>()[at];
}

/// The sum for one map (or channel) and place.
std::int64_t sum_at(const Case& c, std::int64_t map, std::int64_t p, std::int64_t q) {
    const FilterSettings& s = c.settings;
    std::int64_t sum = c.bias;
    for (std::int64_t i = 0; i < c.C; ++i) {
        const std::int64_t channel = c.bank ? i : map;
        const std::int64_t* plane = c.weights.data() + ((c.bank ? map : 0) * c.C + i) * c.R * c.S;
        for (std::int64_t r = 0; r < c.R; ++r) {
            const std::int64_t h = index_of(
                s.border.mode, p * s.stride_h + r * s.dilation_h - s.padding.top, c.page.shape.H);
            for (std::int64_t x = 0; x < c.S; ++x) {
                const std::int64_t w =
                    index_of(s.border.mode, q * s.stride_w + x * s.dilation_w - s.padding.left,
                             c.page.shape.W);
                sum += plane[r * c.S + x] * sample(c, channel, h, w);
            }
        }
    }
    return sum;
}

void compute_sums(Case& c) {
    const FilterSettings& s = c.settings;
    const Shape& shape = c.page.shape;
    c.P = (shape.H + s.padding.top + s.padding.bottom - s.dilation_h * (c.R - 1) - 1) / s.stride_h;
    c.Q = (shape.W + s.padding.left + s.padding.right - s.dilation_w * (c.S - 1) - 1) / s.stride_w;
    ++c.P, ++c.Q;
    for (std::int64_t map = 0; map < (c.bank ? c.K : shape.C); ++map) {
        for (std::int64_t i = 0; i < c.P * c.Q; ++i) {
            c.sums.push_back(sum_at(c, map, i / c.Q, i % c.Q));
        }
    }
}

/// above / below, rounded half to even.
std::int64_t rounded(std::int64_t above, std::int64_t below) {
    const std::int64_t floor = above / below - (above % below < 0 ? 1 : 0);
    const std::int64_t twice = 2 * (above - floor * below);
    return floor + (twice > below || (twice == below && floor % 2 != 0) ? 1 : 0);
}

/// Whether x is the float32 nearest to above / below. Float32 numbers times the denominator, and
/// the sums, are float64 numbers.
bool is_nearest(float x, std::int64_t above, std::int64_t below) {
    const auto distance = [&](float y) {
        return std::abs(static_cast<double>(y) * static_cast<double>(below) -
                        static_cast<double>(above));
    };
    const float up = std::nextafter(x, INFINITY), down = std::nextafter(x, -INFINITY);
    return distance(x) <= distance(up) && distance(x) <= distance(down);
}

bool is_right(const Case& c, double result, std::int64_t sum) {
    const FilterSettings& s = c.settings;
    if (s.depth == SampleType::f32) {
        return is_nearest(static_cast<float>(result), sum, c.denominator);
    }
    const std::int64_t white = s.depth == SampleType::u8 ? 255 : 65535;
    const std::int64_t most = c.page.type == SampleType::u8 ? 255 : 65535;
    std::int64_t level = white >= most ? rounded(sum * (white / most), c.denominator)
                                       : rounded(sum, c.denominator * (most / white));
    if (s.range == ValueRange::abs) level = std::abs(level);
    return static_cast<std::int64_t>(result) == std::clamp<std::int64_t>(level, 0, white);
}

Kernel kernel_of(const Case& c) {
    std::vector<double> values(c.weights.begin(), c.weights.end());
    Kernel kernel =
        c.bank ? make_kernel({c.K, c.C, c.R, c.S}, values) : make_kernel({c.R, c.S}, values);
    kernel.scale = 1 / static_cast<double>(c.denominator);
    if (c.bias != 0) {
        kernel.bias = {static_cast<double>(c.bias) / static_cast<double>(c.denominator)};
    }
    return kernel;
}

/// How many samples of the result on a device are not what the rational sums say.
std::int64_t wrong_samples(const Case& c, const Device& device = cpu_device()) {
    const Bank bank = make_bank({kernel_of(c)}, c.settings);
    const Image result = filter_pages(device, bank, {c.page}, c.settings).pages.at(0).at(0);
    const bool copied = c.page.has_alpha && c.settings.alpha == AlphaRule::copy;
    const std::int64_t maps = c.bank ? c.K : c.page.shape.C - (copied ? 1 : 0);
    REQUIRE(result.shape.H == c.P);
    REQUIRE(result.shape.W == c.Q);
    std::int64_t wrong = 0;
    for (std::int64_t i = 0; i < maps * c.P * c.Q; ++i) {
        const double got = sample_at(result, i / (c.P * c.Q), i / c.Q % c.P, i % c.Q);
        wrong += is_right(c, got, c.sums[static_cast<std::size_t>(i)]) ? 0 : 1;
    }
    return wrong;
}

/// Words take weights that add up to 65535 at most.
void keep_words_in_range(Case& c) {
    if (c.page.type != SampleType::u16) return;
    const auto each = static_cast<std::int64_t>(c.C * c.R * c.S);
    for (std::int64_t& w : c.weights) w %= kMostWordWeights / each + 1;
}

void choose_weights(Random& random, Case& c) {
    constexpr std::int64_t kDenominators[] = {1,     2,     3,     6,      8,      9,    10,
                                              16,    25,    36,    90,     225,    1000, 4096,
                                              16385, 65535, 65536, 261114, 1000000};
    const bool eight_bits = pick(random, 0, 1) == 0;
    const std::int64_t most = eight_bits ? 127 : kMostWeight;
    const std::int64_t least = pick(random, 0, 1) == 0 ? 0 : eight_bits ? -128 : kLeastWeight;
    for (std::int64_t i = 0; i < c.K * c.C * c.R * c.S; ++i) {
        c.weights.push_back(pick(random, least, most));
    }
    // Around the sum's size results are neither all black nor all white.
    c.denominator = kDenominators[pick(random, 0, std::ssize(kDenominators) - 1)];
    if (pick(random, 0, 1) == 0) {
        for (std::int64_t& w : c.weights) w = w % 100 == 0 ? w : w % 4;
    }
    keep_words_in_range(c);
    if (pick(random, 0, 2) == 0) c.bias = pick(random, -200, 200) * c.denominator / 2;
}

void choose_settings(Random& random, Case& c) {
    FilterSettings& s = c.settings;
    s.method = "igemm";
    s.limits.threads = 1;
    s.stride_h = pick(random, 0, 3) == 0 ? pick(random, 1, 3) : 1;
    s.stride_w = pick(random, 0, 3) == 0 ? pick(random, 1, 3) : 1;
    s.dilation_h = pick(random, 0, 3) == 0 ? pick(random, 1, 3) : 1;
    s.dilation_w = pick(random, 0, 3) == 0 ? pick(random, 1, 3) : 1;
    s.border.mode = static_cast<BorderMode>(pick(random, 0, 4));
    if (s.border.mode == BorderMode::constant) {
        const bool bytes = c.page.type == SampleType::u8;
        s.border.values = {static_cast<float>(pick(random, 0, bytes ? 255 : 65535))};
    }
    s.padding_rule = PaddingRule::given;
    const std::int64_t high = s.dilation_h * (c.R - 1), wide = s.dilation_w * (c.S - 1);
    s.padding = {high / 2, high - high / 2 + pick(random, 0, 2), wide - wide / 2, wide / 2};
    s.depth = static_cast<SampleType>(pick(random, 0, 2));
    s.range = pick(random, 0, 3) == 0 ? ValueRange::abs : ValueRange::clamp;
    if (c.page.has_alpha) s.alpha = pick(random, 0, 1) == 0 ? AlphaRule::copy : AlphaRule::straight;
}

Case random_case(Random& random, SampleType type = SampleType::u8) {
    Case c;
    const std::int64_t largest = pick(random, 0, 4) == 0 ? 31 : 9;
    c.R = pick(random, 1, largest);
    c.S = pick(random, 1, largest);
    c.bank = pick(random, 0, 5) == 0;
    if (c.bank) {
        c.K = pick(random, 1, 3);
        c.C = pick(random, 1, 3);
    }
    const std::int64_t channels = c.bank ? c.C : pick(random, 1, 4);
    c.page = random_page(random, channels, pick(random, 1, 24), pick(random, 1, 70));
    if (type == SampleType::u16) c.page = with_low_bytes(random, c.page);
    if (!c.bank && (channels == 2 || channels == 4)) c.page.has_alpha = pick(random, 0, 1) == 0;
    choose_weights(random, c);
    choose_settings(random, c);
    compute_sums(c);
    return c;
}

void check_with_every_simd_set(Random random, int count, SampleType type) {
    std::vector<Case> cases;
    for (int i = 0; i < count; ++i) cases.push_back(random_case(random, type));
    for_each_simd_target([&](const std::string& name) {
        CAPTURE(name);
        for (std::size_t i = 0; i < cases.size(); ++i) {
            const Case& c = cases[i];
            CAPTURE(i);
            CAPTURE(c.R);
            CAPTURE(c.S);
            CAPTURE(c.denominator);
            CHECK(wrong_samples(c) == 0);
        }
    });
}

std::string igemm_refusal(const Kernel& kernel, const Image& page, FilterSettings settings) {
    settings.method = "igemm";
    return filter_error({kernel}, page, settings, ErrorKind::usage);
}

}  // namespace

TEST_CASE("igemm: a thousand random kernels give the rounded rational sums, with every SIMD set") {
    check_with_every_simd_set(Random(1), 1000, SampleType::u8);
}

TEST_CASE("igemm: words under 300 random kernels give the rounded rational sums, every SIMD set") {
    check_with_every_simd_set(Random(11), 300, SampleType::u16);
}

TEST_CASE("igemm: the heaviest weights that words take reach both ends of 32 bits") {
    for (const std::int64_t level : {0, 65535}) {
        Case c;
        c.page = Image::interleaved(SampleType::u16, 1, 8, 40);
        std::fill_n(c.page.data<std::uint16_t>(), 320, static_cast<std::uint16_t>(level));
        c.R = c.S = 2;
        c.weights = {-32768, -32767, 0, 0};
        c.settings = settings_for(c.page);
        c.settings.method = "igemm";
        c.settings.depth = SampleType::f32;
        c.settings.padding_rule = PaddingRule::given;
        for (int sign : {1, -1}) {
            if (sign < 0) c.weights = {32639, 32639, 257, 0};
            c.sums.clear();
            compute_sums(c);
            CHECK(wrong_samples(c) == 0);
        }
    }
}

TEST_CASE(
    "igemm: on every device random kernels give the rounded rational sums, with any weights") {
    Random random(7);
    std::vector<Case> cases;
    for (int i = 0; i < 120; ++i) cases.push_back(random_case(random));
    for (const Device& device : test_devices().found) {
        if (device.name == "cpu") continue;
        CAPTURE(device.name);
        int refused = 0;
        for (std::size_t i = 0; i < cases.size(); ++i) {
            CAPTURE(i);
            try {
                CHECK(wrong_samples(cases[i], device) == 0);
            } catch (const Error& error) {
                // The sums of a device fit 32 bits.
                CAPTURE(error.what());
                CHECK(std::string(error.what()).find("32 bits hold") != std::string::npos);
                ++refused;
            }
        }
        CHECK(refused <= 6);
    }
}

TEST_CASE("igemm: sums above 2^24 that end in a tie go to the even level") {
    Kernel kernel = make_kernel({1, 5}, {32639, 32639, 32639, 32639, 1});
    kernel.scale = 0.5 / (4 * 32639 + 1);
    for (int level = 0; level < 256; ++level) {
        const Image page = Image::interleaved(SampleType::u8, 1, 5, 40);
        std::fill_n(page.data<std::uint8_t>(), 200, static_cast<std::uint8_t>(level));
        FilterSettings settings = settings_for(page);
        settings.method = "igemm";
        const Image result = filter_picture({kernel}, page, settings);
        CHECK(sample_at(result, 0, 2, 20) == std::nearbyint(level / 2.0));
    }
}

TEST_CASE("igemm: cells lie along the side of the window that wastes fewer zeros") {
    const auto chosen = [](const std::string& text) {
        Problem p = parse_problem(text);
        p.facts.samples = SampleType::u8;
        WholeWeights weights;
        weights.eight_bits = true;
        return choose_cells(p, weights);
    };
    CHECK(chosen("n1c1h64w64_k1r1s31").form == CellForm::row);
    CHECK(chosen("n1c1h64w64_k1r2s32").form == CellForm::row);
    CHECK(chosen("n1c1h64w64_k1r31s1").form == CellForm::column);
    CHECK(chosen("n1c1h64w64_k1r7s7").form == CellForm::column);
    CHECK(chosen("n1c1h64w64_k1r1s31_s2").form == CellForm::column);
    // Rows between the windows of a stride cost nothing but their packing.
    CHECK(chosen("n1c1h64w64_k1r1s1_s9x1").work > 0);
    const double low = chosen("n1c1h64w64_k1r1s32").work;
    CHECK(low < chosen("n1c1h64w64_k1r1s32_s1x2").work);
}

TEST_CASE("igemm: built-in kernels of whole numbers are exact, so the float result is theirs") {
    Random random(2);
    const Image page = random_page(random, 3, 20, 50);
    for (const char* name : {"box:size=3", "box:size=9", "binomial:size=5", "sharpen", "sobel",
                             "laplacian", "emboss", "prewitt", "scharr", "kirsch", "identity"}) {
        CAPTURE(name);
        FilterSettings settings = settings_for(page);
        settings.method = "igemm";
        settings.depth = SampleType::f32;
        const std::vector<Kernel> kernels = make_builtin(name);
        const Image result = filter_picture({kernels.front()}, page, settings);
        settings.method = "naive";
        const Image oracle = filter_picture({kernels.front()}, page, settings);
        for (std::int64_t i = 0; i < 3000; ++i) {
            const double x = static_cast<double>(oracle.data<float>()[i]);
            CHECK(std::abs(static_cast<double>(result.data<float>()[i]) - x) <=
                  1e-6 * (std::abs(x) + 1));
        }
    }
}

TEST_CASE("igemm: the same bytes for 1, 2 and 5 threads") {
    Random random(5);
    const Image page = random_page(random, 3, 301, 140);
    for (const Kernel& kernel : {make_builtin("sharpen").front(), box_kernel(7, 7)}) {
        for (const SampleType depth : {SampleType::u8, SampleType::u16, SampleType::f32}) {
            FilterSettings settings = settings_for(page);
            settings.method = "igemm";
            settings.depth = depth;
            settings.limits.threads = 1;
            const std::vector<double> one = samples_of(filter_picture({kernel}, page, settings));
            for (const int threads : {2, 5}) {
                settings.limits.threads = threads;
                CHECK(samples_of(filter_picture({kernel}, page, settings)) == one);
            }
        }
    }
}

TEST_CASE("igemm: what it cannot take is refused with the reason") {
    Random random(6);
    const Image page = random_page(random, 1, 9, 9);
    const FilterSettings settings = settings_for(page);
    const Kernel gaussian = make_builtin("gaussian:sigma=1").front();
    FilterSettings to_float = settings;
    to_float.depth = SampleType::f32;
    check_contains(igemm_refusal(gaussian, page, to_float),
                   "its weights are not fractions of a common denominator; only 8-bit samples "
                   "and results take rounded weights");
    check_contains(igemm_refusal(make_builtin("unsharp:sigma=2").front(), page, settings),
                   "rounding them to 16 bits may move a result by more than 0.02 of a level");
    const Image floats = Image::interleaved(SampleType::f32, 1, 9, 9);
    std::fill_n(floats.data<float>(), 81, 7.0F);
    check_contains(igemm_refusal(identity_kernel(), floats, settings_for(floats)),
                   "the samples are f32, it takes 8 and 16 bits");
    const Image words = with_low_bytes(random, page);
    check_contains(igemm_refusal(gaussian, words, settings),
                   "its weights are not fractions of a common denominator; only 8-bit samples and "
                   "results take rounded weights");
    check_contains(igemm_refusal(make_kernel({1, 3}, {32000, -32000, 1536}), words, to_float),
                   "its weights over the denominator 1 add up to 65536 without signs, 16-bit "
                   "samples take 65535 at most");
    FilterSettings half = to_float;
    half.border = {BorderMode::constant, {65535.5F}};
    check_contains(igemm_refusal(make_builtin("sobel").front(), words, half),
                   "the border's 65535.5 is no whole number of 16 bits");
    FilterSettings between = to_float;
    between.border = {BorderMode::constant, {0.5F}};
    check_contains(igemm_refusal(make_builtin("sobel").front(), page, between),
                   "the border's 0.5 is no whole number of 8 bits");
    check_contains(igemm_refusal(factor_kernel(40000), page, to_float),
                   "its weights over the denominator 1 reach 40000, 16 bits hold -32768 to 32639");
    const Kernel large = make_kernel({256, 255}, std::vector<double>(256 * 255, 1));
    check_contains(igemm_refusal(large, page, settings),
                   "a result has 65280 weights, up to 65000 fit its sums");
    Image transparent = random_page(random, 2, 9, 9);
    transparent.has_alpha = true;
    FilterSettings weighted = settings_for(transparent);
    weighted.alpha = AlphaRule::weighted;
    check_contains(igemm_refusal(box_kernel(3, 3), transparent, weighted),
                   "weighted alpha multiplies samples, it takes them as they are");
}
