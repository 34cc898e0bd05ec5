#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "support/filtering.hpp"

using namespace conv;
using namespace conv::test;

namespace {

std::int64_t reflect101(std::int64_t i, std::int64_t size) {
    while (i < 0 || i >= size) i = i < 0 ? -i : 2 * size - 2 - i;
    return i;
}

/// design: colour = sum(w a x) * sum(w) / A + bias where A = sum(w a) > 1e-6 sum|w| a_max, else 0;
/// alpha = clamp(A / sum(w)); the reflected border applies to alpha too.
struct WeightedReference {
    const Image& page;
    const Kernel& kernel;
    double bias = 0;

    double at(std::int64_t c, std::int64_t y, std::int64_t x) const {
        const std::int64_t alpha = page.shape.C - 1;
        const double opaque = sample_maximum(page.type);
        double sum = 0, absolute = 0, A = 0, colour = 0;
        for (std::int64_t r = 0; r < kernel.R; ++r) {
            for (std::int64_t s = 0; s < kernel.S; ++s) {
                const double w = kernel.values[static_cast<std::size_t>(r * kernel.S + s)];
                const std::int64_t h = reflect101(y + r - kernel.R / 2, page.shape.H);
                const std::int64_t v = reflect101(x + s - kernel.S / 2, page.shape.W);
                const double a = sample_at(page, alpha, h, v);
                sum += w;
                absolute += std::abs(w);
                A += w * a;
                colour += w * a * sample_at(page, c, h, v);
            }
        }
        if (c == alpha) return std::clamp(A / sum, 0.0, opaque);
        const bool visible = (sum < 0 ? -A : A) > 1e-6 * absolute * opaque;
        return visible ? colour * sum / A + bias : 0;
    }
};

/// Colours and opacities of all strengths, a transparent corner, an opaque one.
Image translucent_picture(SampleType type, std::int64_t colours) {
    Image page = sample_picture(type, colours + 1, 12, 14, true);
    const double opaque = sample_maximum(type);
    for (std::int64_t c = 0; c <= colours; ++c) {
        for (std::int64_t y = 0; y < 12; ++y) {
            for (std::int64_t x = 0; x < 14; ++x) {
                double value = static_cast<double>((c * 37 + y * 23 + x * 11) % 17) / 16 * opaque;
                if (c == colours && y + x < 6) value = 0;
                if (c == colours && y + x > 20) value = opaque;
                set_sample(page, c, y, x, value);
            }
        }
    }
    return page;
}

AlphaRule applied_rule(const std::vector<Kernel>& kernels, const Image& page,
                       const FilterSettings& settings) {
    return filter(kernels, {page}, settings).report.alpha.value();
}

Kernel zero_sum_kernel() {
    return make_kernel({1, 3}, {-1, 0, 1});
}

}  // namespace

TEST_CASE("alpha: weighted follows its formula, whatever the sign of the kernel's sum") {
    for (const SampleType type : {SampleType::u8, SampleType::u16, SampleType::f32}) {
        for (const std::int64_t colours : {1, 3}) {
            const Image page = translucent_picture(type, colours);
            for (const double sign : {1.0, -1.0}) {
                Kernel kernel = make_kernel({3, 3}, {1, 2, 1, 2, 5, 3, 1, 4, -2});
                for (double& value : kernel.values) value *= sign / 16;
                kernel.bias = {0.25 * sample_maximum(type)};
                FilterSettings settings = settings_for(page);
                settings.depth = SampleType::f32;
                const Image result = filter_picture({kernel}, page, settings);
                REQUIRE(result.shape == page.shape);
                REQUIRE(result.has_alpha);
                const WeightedReference reference{page, kernel, kernel.bias[0]};
                CAPTURE(colours);
                CAPTURE(sign);
                for (std::int64_t c = 0; c <= colours; ++c) {
                    for (std::int64_t y = 0; y < 12; ++y) {
                        for (std::int64_t x = 0; x < 14; ++x) {
                            CAPTURE(c);
                            CAPTURE(y);
                            CAPTURE(x);
                            CHECK(sample_at(result, c, y, x) / sample_maximum(type) ==
                                  doctest::Approx(reference.at(c, y, x) / sample_maximum(type))
                                      .epsilon(1e-4));
                        }
                    }
                }
            }
        }
    }
}

TEST_CASE("alpha: weighted averages opacity and colour where nothing is transparent as straight") {
    Image page = translucent_picture(SampleType::u8, 3);
    for (std::int64_t y = 0; y < 12; ++y)
        for (std::int64_t x = 0; x < 14; ++x) set_sample(page, 3, y, x, 255);
    FilterSettings settings = settings_for(page);
    const Image weighted = filter_picture({box_kernel(3, 3)}, page, settings);
    settings.alpha = AlphaRule::straight;
    CHECK(difference(weighted, filter_picture({box_kernel(3, 3)}, page, settings)) <= 1);
}

TEST_CASE("alpha: a blurred opaque red disc on transparent green shows no green") {
    for (const SampleType type : {SampleType::u8, SampleType::u16, SampleType::f32}) {
        const double white = sample_maximum(type);
        Image page = Image::interleaved(type, 4, 40, 40, true);
        for (std::int64_t y = 0; y < 40; ++y) {
            for (std::int64_t x = 0; x < 40; ++x) {
                const bool disc =
                    std::hypot(static_cast<double>(y) - 20, static_cast<double>(x) - 20) < 10;
                set_sample(page, 0, y, x, disc ? white : 0);
                set_sample(page, 1, y, x, disc ? 0 : white);
                set_sample(page, 2, y, x, 0);
                set_sample(page, 3, y, x, disc ? white : 0);
            }
        }
        const Image blurred = filter_picture({box_kernel(9, 9)}, page, settings_for(page));
        int soft = 0;
        for (std::int64_t y = 0; y < 40; ++y) {
            for (std::int64_t x = 0; x < 40; ++x) {
                const double alpha = sample_at(blurred, 3, y, x);
                if (alpha <= 0) continue;
                soft += alpha < white ? 1 : 0;
                REQUIRE(sample_at(blurred, 1, y, x) == 0);
                REQUIRE(sample_at(blurred, 0, y, x) == doctest::Approx(white).epsilon(1e-5));
            }
        }
        CHECK(soft > 100);
    }
}

TEST_CASE("alpha: straight filters opacity as one more channel, bias included") {
    const Image page = translucent_picture(SampleType::u8, 3);
    FilterSettings settings = settings_for(page);
    settings.alpha = AlphaRule::straight;
    settings.bias = {3};
    Image plain = page;
    plain.has_alpha = false;
    Image expected = filter_picture({uneven_kernel({3, 3})}, plain, settings);
    expected.has_alpha = true;
    CHECK(difference(filter_picture({uneven_kernel({3, 3})}, page, settings), expected) == 0);
}

TEST_CASE("alpha: copy samples opacity at the anchor, through stride, padding and border") {
    const Image page = translucent_picture(SampleType::u8, 3);
    struct Geometry {
        const char* padding;
        std::int64_t stride, dilation, top, left;  // as resolved for a 3 x 4 kernel
    };
    for (const Geometry& g : {Geometry{"same", 1, 1, 1, 2},
                              {"same", 2, 1, 1, 2},
                              {"same", 1, 2, 2, 4},
                              {"valid", 1, 1, 0, 0},
                              {"full", 1, 1, 2, 3},
                              {"1,0,5,2", 3, 1, 1, 5}}) {
        for (const bool planar : {false, true}) {
            FilterSettings settings = settings_for(page);
            settings.alpha = AlphaRule::copy;
            settings.stride_h = settings.stride_w = g.stride;
            settings.dilation_h = settings.dilation_w = g.dilation;
            parse_padding(g.padding, settings);
            const Image result = filter_picture({uneven_kernel({3, 4})},
                                                planar ? planar_copy(page) : page, settings);
            CAPTURE(std::string(g.padding));
            for (std::int64_t p = 0; p < result.shape.H; ++p) {
                for (std::int64_t q = 0; q < result.shape.W; ++q) {
                    const std::int64_t y =
                        reflect101(p * g.stride - g.top + g.dilation, page.shape.H);
                    const std::int64_t x =
                        reflect101(q * g.stride - g.left + 2 * g.dilation, page.shape.W);
                    REQUIRE(sample_at(result, 3, p, q) == sample_at(page, 3, y, x));
                }
            }
        }
    }
}

TEST_CASE("alpha: copied opacity follows the depth, not the bias, range or scale") {
    const Image page = translucent_picture(SampleType::u8, 3);
    FilterSettings settings = settings_for(page);
    settings.alpha = AlphaRule::copy;
    settings.bias = {50};
    settings.depth = SampleType::u16;
    settings.range = ValueRange::rescale;
    const Image result = filter_picture({box_kernel(3, 3)}, page, settings);
    for (std::int64_t y = 0; y < 12; ++y)
        for (std::int64_t x = 0; x < 14; ++x)
            REQUIRE(sample_at(result, 3, y, x) == 257 * sample_at(page, 3, y, x));
}

TEST_CASE("alpha: drop leaves opacity out and filters the colours as they are stored") {
    const Image page = translucent_picture(SampleType::u16, 3);
    FilterSettings settings = settings_for(page);
    settings.alpha = AlphaRule::drop;
    const Image result = filter_picture({box_kernel(3, 3)}, page, settings);
    CHECK(result.shape.C == 3);
    CHECK_FALSE(result.has_alpha);
    settings.alpha = AlphaRule::copy;
    const Image copied = filter_picture({box_kernel(3, 3)}, page, settings);
    for (std::int64_t c = 0; c < 3; ++c)
        for (std::int64_t y = 0; y < 12; ++y)
            for (std::int64_t x = 0; x < 14; ++x)
                REQUIRE(sample_at(result, c, y, x) == sample_at(copied, c, y, x));
}

TEST_CASE("alpha: the default is weighted, and copy where any kernel sums to zero") {
    const Image page = translucent_picture(SampleType::u8, 3);
    const FilterSettings settings = settings_for(page);
    CHECK(applied_rule({box_kernel(3, 3)}, page, settings) == AlphaRule::weighted);
    CHECK(applied_rule({zero_sum_kernel()}, page, settings) == AlphaRule::copy);
    CHECK(applied_rule({box_kernel(3, 3), zero_sum_kernel()}, page, settings) == AlphaRule::copy);
    CHECK(applied_rule({box_kernel(3, 3), box_kernel(1, 2)}, page, settings) ==
          AlphaRule::weighted);
    CHECK(applied_rule({uneven_kernel({3, 3, 3})}, page, settings) == AlphaRule::copy);
    CHECK(applied_rule({uneven_kernel({4, 3, 3})}, page, settings) == AlphaRule::straight);
    const Image opaque = sample_picture(SampleType::u8, 4, 5, 5);
    CHECK_FALSE(filter({box_kernel(3, 3)}, {opaque}, settings).report.alpha);
}

TEST_CASE("alpha: weighted is refused for a zero-sum kernel and for a bank over channels") {
    const Image page = translucent_picture(SampleType::u8, 3);
    FilterSettings settings = settings_for(page);
    settings.alpha = AlphaRule::weighted;
    for (const auto& kernels :
         {std::vector<Kernel>{zero_sum_kernel()}, {box_kernel(3, 3), zero_sum_kernel()}}) {
        const std::string error = error_of([&] { filter(kernels, {page}, settings); });
        CHECK(error.find("--alpha weighted divides by the kernel's sum") != std::string::npos);
        CHECK(error.find("--alpha copy or straight") != std::string::npos);
    }
    const std::string error = error_of([&] {
        filter({uneven_kernel({3, 3, 3})}, {page}, settings);
    });
    CHECK(error.find("--alpha weighted needs 2-D kernels") != std::string::npos);
    CHECK(error.find("copy, straight or drop") != std::string::npos);
}

TEST_CASE("alpha: a bank over all channels takes opacity as input and gives maps without alpha") {
    const Image page = translucent_picture(SampleType::u8, 3);
    FilterSettings settings;
    settings.depth = SampleType::f32;
    const Image map = filter_picture({make_kernel({4, 1, 1}, {0, 0, 0, 2})}, page, settings);
    CHECK(map.shape.C == 1);
    CHECK_FALSE(map.has_alpha);
    for (std::int64_t y = 0; y < 12; ++y)
        for (std::int64_t x = 0; x < 14; ++x)
            REQUIRE(sample_at(map, 0, y, x) == 2 * sample_at(page, 3, y, x));
}

TEST_CASE("alpha: several weighted kernels divide each by its own sum") {
    const Image page = translucent_picture(SampleType::u8, 3);
    FilterSettings settings = settings_for(page);
    settings.depth = SampleType::f32;
    const std::vector<Kernel> kernels = {box_kernel(3, 3), make_kernel({1, 2}, {4, 1})};
    const FilterResult result = filter(kernels, {page}, settings);
    for (std::size_t k = 0; k < 2; ++k) {
        CHECK(difference(result.pages[0][k], filter_picture({kernels[k]}, page, settings)) < 1e-2);
    }
}

TEST_CASE("alpha: grey and luma keep opacity, weighted or copied") {
    const Image page = translucent_picture(SampleType::u8, 3);
    for (const std::string selection : {"gray", "luma"}) {
        for (const AlphaRule rule : {AlphaRule::weighted, AlphaRule::straight, AlphaRule::copy}) {
            FilterSettings settings = settings_for(page);
            settings.channels = parse_channels(selection);
            settings.alpha = rule;
            const Image result = filter_picture({box_kernel(3, 3)}, page, settings);
            FilterSettings all = settings_for(page);
            all.alpha = rule;
            const Image expected = filter_picture({box_kernel(3, 3)}, page, all);
            CAPTURE(selection);
            REQUIRE(result.has_alpha);
            REQUIRE(result.shape.C == (selection == std::string("gray") ? 2 : 4));
            for (std::int64_t y = 0; y < 12; ++y)
                for (std::int64_t x = 0; x < 14; ++x)
                    CHECK(sample_at(result, result.shape.C - 1, y, x) ==
                          sample_at(expected, 3, y, x));
        }
    }
}

TEST_CASE("alpha: a list of channels without opacity copies it, and weighs by it when asked") {
    const Image page = translucent_picture(SampleType::u8, 3);
    FilterSettings settings = settings_for(page);
    settings.channels = parse_channels("0,1,2");
    CHECK(applied_rule({box_kernel(3, 3)}, page, settings) == AlphaRule::copy);
    settings.channels = parse_channels("1,3");
    CHECK(applied_rule({box_kernel(3, 3)}, page, settings) == AlphaRule::weighted);
    const Image some = filter_picture({box_kernel(3, 3)}, page, settings);
    settings.channels = {};
    const Image all = filter_picture({box_kernel(3, 3)}, page, settings);
    for (std::int64_t y = 0; y < 12; ++y) {
        for (std::int64_t x = 0; x < 14; ++x) {
            for (const std::int64_t c : {1, 3})
                REQUIRE(sample_at(some, c, y, x) == sample_at(all, c, y, x));
            for (const std::int64_t c : {0, 2})
                REQUIRE(sample_at(some, c, y, x) == sample_at(page, c, y, x));
        }
    }
}
