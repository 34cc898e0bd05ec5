#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "support/filtering.hpp"

using namespace conv;
using namespace conv::test;

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

FilterSettings with_combine(Combine combine, SampleType depth) {
    FilterSettings settings;
    settings.combine = combine;
    settings.depth = depth;
    return settings;
}

}  // namespace

TEST_CASE("epilogue: results round half to even and saturate") {
    CHECK(filtered_row(SampleType::u8, {1, 3, 5, 7}, factor_kernel(0.5)) ==
          std::vector<double>{0, 2, 2, 4});
    CHECK(filtered_row(SampleType::u16, {1, 3, 5, 65535}, factor_kernel(0.5)) ==
          std::vector<double>{0, 2, 2, 32768});
    CHECK(filtered_row(SampleType::u8, {1, 200, 255}, factor_kernel(1, 55)) ==
          std::vector<double>{56, 255, 255});
    CHECK(filtered_row(SampleType::u8, {1, 200}, factor_kernel(-1, 100)) ==
          std::vector<double>{99, 0});
    CHECK(filtered_row(SampleType::f32, {1, 0.25, -3}, factor_kernel(0.5)) ==
          std::vector<double>{0.5, 0.125, -1.5});
}

TEST_CASE("epilogue: lost values are counted after rounding, below and above apart") {
    const auto lost = [](const std::vector<double>& samples, const Kernel& kernel) {
        FilterSettings settings;
        return filter({kernel}, {row_picture(SampleType::u8, samples)}, settings).report;
    };
    // -0.25 and -0.5 round to 0, -0.75 and -1 do not.
    CHECK(lost({1, 2, 3, 4}, factor_kernel(-0.25)).lost == Lost{2, 0});
    // 255.25 and 255.5 are at the edge: the second rounds to 256.
    CHECK(lost({1, 2, 3}, factor_kernel(0.25, 255)).lost == Lost{0, 2});
    CHECK(lost({1, 2, 3}, factor_kernel(0.25, 255)).values == 3);
    CHECK(lost({0, 128, 255}, identity_kernel()).lost == Lost{0, 0});
}

TEST_CASE("epilogue: NaN becomes 0 in an integer depth and counts as lost") {
    Image page = row_picture(SampleType::f32, {7, 0, 300, -2});
    page.data<float>()[1] = kNaN;
    FilterSettings settings;
    const FilterResult result = filter({identity_kernel()}, {page}, settings);
    CHECK(samples_of(result.pages[0][0]) == std::vector<double>{7, 0, 255, 0});
    CHECK(result.report.lost == Lost{2, 1});
}

TEST_CASE("epilogue: bias comes after convolving and before combining") {
    const std::vector<Kernel> kernels = {factor_kernel(1, 10), factor_kernel(-2, 3)};
    const std::vector<double> x = {0, 4, -6, 0.5};
    const auto f32 = SampleType::f32;
    const auto row = [&](Combine combine) {
        return filtered_row(f32, x, kernels, with_combine(combine, f32));
    };
    CHECK(row(Combine::sum) == std::vector<double>{13, 9, 19, 12.5});
    CHECK(row(Combine::max) == std::vector<double>{10, 14, 15, 10.5});
    const std::vector<double> l2 = row(Combine::l2);
    for (std::size_t i = 0; i < x.size(); ++i) {
        CHECK(l2[i] == doctest::Approx(std::hypot(x[i] + 10, 3 - 2 * x[i])).epsilon(1e-6));
    }
    const FilterResult stack =
        filter(kernels, {row_picture(f32, x)}, with_combine(Combine::stack, f32));
    REQUIRE(stack.pages[0].size() == 2);
    CHECK(samples_of(stack.pages[0][0]) == std::vector<double>{10, 14, 4, 10.5});
    CHECK(samples_of(stack.pages[0][1]) == std::vector<double>{3, -5, 15, 2});
}

TEST_CASE("epilogue: --combine max is signed, and results combine before they saturate") {
    const std::vector<Kernel> kernels = {factor_kernel(-1), factor_kernel(-3)};
    CHECK(filtered_row(SampleType::f32, {2, -1}, kernels,
                       with_combine(Combine::max, SampleType::f32)) == std::vector<double>{-2, 3});
    // 200 + 200 - 300: no intermediate is cut off at 0 or 255.
    const std::vector<Kernel> large = {factor_kernel(2), factor_kernel(2), factor_kernel(-3)};
    CHECK(filtered_row(SampleType::u8, {100}, large, with_combine(Combine::sum, SampleType::u8)) ==
          std::vector<double>{100});
}

TEST_CASE("epilogue: u8 and u16 convert by 257 exactly, f32 takes values as they are") {
    std::vector<double> bytes, words;
    for (int v = 0; v < 256; ++v) bytes.push_back(v);
    for (int v = 0; v < 65536; ++v) words.push_back(v);
    FilterSettings settings;
    settings.depth = SampleType::u16;
    const auto widened = filtered_row(SampleType::u8, bytes, {identity_kernel()}, settings);
    for (std::size_t v = 0; v < 256; ++v) REQUIRE(widened[v] == 257.0 * bytes[v]);
    settings.depth = SampleType::u8;
    const auto narrowed = filtered_row(SampleType::u16, words, {identity_kernel()}, settings);
    for (std::size_t v = 0; v < 65536; ++v) REQUIRE(narrowed[v] == std::nearbyint(words[v] / 257));
    settings.depth = SampleType::f32;
    CHECK(filtered_row(SampleType::u16, words, {identity_kernel()}, settings) == words);
    settings.depth = SampleType::u8;
    CHECK(filtered_row(SampleType::f32, {0, 1, 254.5, 300}, {identity_kernel()}, settings) ==
          std::vector<double>{0, 1, 254, 255});
}

TEST_CASE("epilogue: --range abs keeps gradients of both signs, and means nothing to f32") {
    FilterSettings settings;
    settings.range = ValueRange::abs;
    CHECK(filtered_row(SampleType::u8, {0, 10, 200}, {factor_kernel(-1)}, settings) ==
          std::vector<double>{0, 10, 200});
    CHECK(filtered_row(SampleType::u8, {100, 200}, {factor_kernel(-2)}, settings) ==
          std::vector<double>{200, 255});
    settings.depth = SampleType::f32;
    for (const ValueRange range : {ValueRange::abs, ValueRange::rescale}) {
        settings.range = range;
        CHECK(filtered_row(SampleType::f32, {-4, 1000}, {identity_kernel()}, settings) ==
              std::vector<double>{-4, 1000});
    }
}

TEST_CASE("epilogue: --range rescale maps the least value to 0 and the greatest to white") {
    FilterSettings settings;
    settings.range = ValueRange::rescale;
    const FilterResult result =
        filter({factor_kernel(-2, 7)}, {row_picture(SampleType::u8, {10, 20, 30, 60})}, settings);
    CHECK(samples_of(result.pages[0][0]) == std::vector<double>{255, 204, 153, 0});
    REQUIRE(result.report.rescaled_from);
    CHECK(*result.report.rescaled_from == std::pair{-113.0, -13.0});
    CHECK(result.report.lost == Lost{});
    settings.depth = SampleType::u16;
    CHECK(filtered_row(SampleType::u8, {10, 20, 30, 60}, {identity_kernel()}, settings) ==
          std::vector<double>{0, 13107, 26214, 65535});
}

TEST_CASE("epilogue: --range rescale of one value only gives 0") {
    FilterSettings settings;
    settings.range = ValueRange::rescale;
    CHECK(filtered_row(SampleType::u8, {90, 90, 90}, {identity_kernel()}, settings) ==
          std::vector<double>{0, 0, 0});
}

TEST_CASE("epilogue: --range rescale leaves NaN and infinity out of the extremes") {
    Image page = row_picture(SampleType::f32, {1, 0, 3, 0, 2});
    page.data<float>()[1] = kNaN;
    page.data<float>()[3] = kInfinity;
    FilterSettings settings;
    settings.range = ValueRange::rescale;
    const FilterResult result = filter({identity_kernel()}, {page}, settings);
    CHECK(samples_of(result.pages[0][0]) == std::vector<double>{0, 0, 255, 255, 128});
    CHECK(result.report.lost == Lost{1, 1});
    Image lost = row_picture(SampleType::f32, {0});
    lost.data<float>()[0] = kNaN;
    CHECK(samples_of(filter_picture({identity_kernel()}, lost, settings)) ==
          std::vector<double>{0});
}

TEST_CASE("epilogue: --range rescale takes all colours, maps and pages together, not alpha") {
    std::vector<Image> pages;
    for (const double low : {50.0, 150.0}) {
        Image page = Image::interleaved(SampleType::u8, 2, 1, 2, true);
        for (const std::int64_t x : {0, 1}) {
            set_sample(page, 0, 0, x, low + 50 * static_cast<double>(x));
            set_sample(page, 1, 0, x, x == 0 ? 255 : 102);
        }
        pages.push_back(page);
    }
    FilterSettings settings;
    settings.range = ValueRange::rescale;
    settings.alpha = AlphaRule::copy;
    settings.depth = SampleType::u16;
    // Colours 50, 100, 150, 200 and, from the second kernel, -50 to -200.
    const FilterResult result = filter({factor_kernel(1), factor_kernel(-1)}, pages, settings);
    CHECK(*result.report.rescaled_from == std::pair{-200.0, 200.0});
    REQUIRE(result.pages.size() == 2);
    const auto scaled = [](double v) { return std::nearbyint((v + 200) * 65535 / 400); };
    CHECK(samples_of(result.pages[0][0]) ==
          std::vector<double>{scaled(50), scaled(100), 65535, 102 * 257});
    CHECK(samples_of(result.pages[1][1]) ==
          std::vector<double>{scaled(-150), scaled(-200), 65535, 102 * 257});
}
