#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "support/filtering.hpp"

using namespace conv;
using namespace conv::test;

namespace {

constexpr float kNotANumber = std::numeric_limits<float>::quiet_NaN();

}  // namespace

TEST_CASE("pipeline: an identity kernel changes no sample of any type and order") {
    for (const SampleType type : {SampleType::u8, SampleType::u16, SampleType::f32}) {
        for (const std::int64_t channels : {1, 2, 3, 4, 5}) {
            const Image page = sample_picture(type, channels, 9, 7);
            const FilterSettings settings = settings_for(page);
            CAPTURE(channels);
            CHECK(difference(filter_picture({identity_kernel()}, page, settings), page) == 0);
            CHECK(difference(filter_picture({identity_kernel()}, planar_copy(page), settings),
                             page) == 0);
        }
    }
}

TEST_CASE("pipeline: the order of operations is scale, normalise, --scale, convolve, bias, depth") {
    // Own scale 3 vanishes in the normalisation; --scale 2 and the bias, in pixel units of the
    // input, stay; then u8 widens to u16.
    Kernel kernel = make_kernel({1, 2}, {1, 3});
    kernel.scale = 3;
    kernel.anchor = Anchor{0, 0};
    FilterSettings settings;
    settings.normalization = Normalization::sum;
    settings.scale = 2;
    settings.bias = {5};
    settings.depth = SampleType::u16;
    settings.border = {BorderMode::replicate, {}};
    // 2 * (10 + 3 * 30) / 4 + 5 = 55, 2 * 30 + 5 = 65.
    CHECK(filtered_row(SampleType::u8, {10, 30}, {kernel}, settings) ==
          std::vector<double>{55 * 257, 65 * 257});
}

TEST_CASE("pipeline: the same bytes for 1, 2 and 5 threads") {
    for (const SampleType type : {SampleType::u8, SampleType::f32}) {
        const Image page = sample_picture(type, 4, 203, 91, true);
        for (const std::string method : {"naive", "im2col", "gemm", "direct", "auto"}) {
            std::vector<std::vector<double>> results;
            for (const int threads : {1, 2, 5}) {
                FilterSettings settings = settings_for(page);
                settings.method = method;
                settings.limits.threads = threads;
                settings.range = ValueRange::rescale;
                results.push_back(
                    samples_of(filter_picture({uneven_kernel({5, 5})}, page, settings)));
            }
            CAPTURE(method);
            CHECK(results[0] == results[1]);
            CHECK(results[0] == results[2]);
        }
    }
}

TEST_CASE("pipeline: --method runs the method it names, and the report says so") {
    const Image page = sample_picture(SampleType::u8, 3, 20, 20);
    for (const Method& method : test_device().methods) {
        const Kernel kernel = box_kernel(3, 3);
        FilterSettings settings = settings_for(page);
        settings.method = method.name;
        CAPTURE(method.name);
        try {
            // Outside of CHECK, which would keep the error to itself.
            const std::string ran = filter({kernel}, {page}, settings).report.choice.method->name;
            CHECK(ran == method.name);
        } catch (const Error& error) {
            CHECK(error.kind() == ErrorKind::usage);
            check_contains(error.what(), method.name);
        }
    }
}

TEST_CASE("pipeline: --max-memory refuses a named method with its size, and auto passes it over") {
    const Image page = sample_picture(SampleType::u8, 1, 400, 500);
    FilterSettings settings = settings_for(page);
    const Kernel kernel = uneven_kernel({9, 9});
    settings.limits.max_memory = 4 << 20;  // the column matrix alone takes 65 MB
    settings.method = "im2col";
    const std::string error = filter_error({kernel}, page, settings, ErrorKind::memory);
    check_contains(error, "im2col");
    check_contains(error, "62.6 MiB");  // with the block of sums
    check_contains(error, "--max-memory is 4.0 MiB");
    settings.method = "auto";
    const FilterResult result = filter({kernel}, {page}, settings);
    for (const Candidate& candidate : result.report.choice.candidates) {
        if (candidate.method == "im2col") check_contains(candidate.rejection, "--max-memory");
    }
    CHECK(result.report.workspace_bytes + 2 * 400 * 500 <= *settings.limits.max_memory);
    settings.limits.max_memory = {};
    settings.method = result.report.choice.method->name;
    CHECK(difference(filter_picture({kernel}, page, settings), result.pages[0][0]) == 0);
}

TEST_CASE("pipeline: --max-memory below the pictures themselves is refused") {
    const Image page = sample_picture(SampleType::u8, 3, 100, 100);
    FilterSettings settings = settings_for(page);
    settings.limits.max_memory = 40'000;
    for (const std::string method : {"auto", "naive", "direct"}) {
        settings.method = method;
        CAPTURE(method);
        check_contains(filter_error({box_kernel(3, 3)}, page, settings, ErrorKind::memory),
                       "--max-memory");
    }
}

TEST_CASE("pipeline: --max-memory runs fewer threads before it refuses") {
    const Image page = sample_picture(SampleType::u8, 3, 600, 700);
    FilterSettings settings = settings_for(page);
    settings.method = "gemm";
    settings.limits.threads = 4;
    const FilterResult free = filter({uneven_kernel({5, 5})}, {page}, settings);
    REQUIRE(free.report.threads == 4);
    const std::int64_t pictures = 2 * 3 * 600 * 700;
    settings.limits.max_memory = pictures + free.report.workspace_bytes * 5 / 8;
    const FilterResult bound = filter({uneven_kernel({5, 5})}, {page}, settings);
    CHECK(bound.report.threads == 2);
    CHECK(difference(bound.pages[0][0], free.pages[0][0]) == 0);
}

TEST_CASE("pipeline: pages of different sizes are filtered one by one") {
    const std::vector<Image> pages = {sample_picture(SampleType::u16, 3, 5, 9),
                                      sample_picture(SampleType::u16, 1, 12, 4)};
    const FilterSettings settings = settings_for(pages[0]);
    const FilterResult result = filter({box_kernel(3, 3)}, pages, settings);
    REQUIRE(result.pages.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(difference(result.pages[i][0],
                         filter_picture({box_kernel(3, 3)}, pages[i], settings)) == 0);
    }
    CHECK(result.report.values == 5 * 9 * 3 + 12 * 4);
}

TEST_CASE("pipeline: --padding same puts output p on input p times the stride") {
    const Image page = sample_picture(SampleType::u8, 1, 11, 10);
    for (const std::int64_t stride : {1, 2, 3, 4}) {
        for (const auto& size : {std::pair{3, 3}, {2, 4}, {5, 1}, {13, 12}}) {
            const int R = size.first, S = size.second;
            Kernel kernel =
                make_kernel({R, S}, std::vector<double>(static_cast<std::size_t>(R * S), 0));
            kernel.values[static_cast<std::size_t>(R / 2 * S + S / 2)] = 1;
            FilterSettings settings = settings_for(page);
            settings.stride_h = settings.stride_w = stride;
            settings.dilation_h = 2;
            const Image result = filter_picture({kernel}, page, settings);
            CAPTURE(stride);
            CAPTURE(R);
            REQUIRE(result.shape.H == (11 + stride - 1) / stride);
            REQUIRE(result.shape.W == (10 + stride - 1) / stride);
            for (std::int64_t p = 0; p < result.shape.H; ++p) {
                for (std::int64_t q = 0; q < result.shape.W; ++q) {
                    CHECK(sample_at(result, 0, p, q) == sample_at(page, 0, p * stride, q * stride));
                }
            }
        }
    }
}

TEST_CASE("pipeline: valid, full and given paddings have the sizes of the formula") {
    const Image page = sample_picture(SampleType::u8, 1, 10, 12);
    const auto size = [&](const char* padding, std::int64_t stride) {
        FilterSettings settings = settings_for(page);
        parse_padding(padding, settings);
        settings.stride_h = settings.stride_w = stride;
        const Shape shape = filter_picture({uneven_kernel({4, 3})}, page, settings).shape;
        return std::pair{shape.H, shape.W};
    };
    using Size = std::pair<std::int64_t, std::int64_t>;
    CHECK(size("valid", 1) == Size{7, 10});
    CHECK(size("full", 1) == Size{13, 14});
    CHECK(size("2", 1) == Size{11, 14});
    CHECK(size("1,4", 1) == Size{9, 18});
    CHECK(size("0,1,2,5", 1) == Size{8, 17});
    CHECK(size("0,1,2,5", 2) == Size{4, 9});
    CHECK(size("valid", 3) == Size{3, 4});
}

TEST_CASE("pipeline: --anchor moves the picture with same padding only, and says when ignored") {
    const Image page = sample_picture(SampleType::u8, 1, 6, 6);
    FilterSettings settings = settings_for(page);
    settings.anchor = Anchor{0, 2};
    settings.border = {BorderMode::wrap, {}};
    const Image moved = filter_picture({shift_kernel(1, -1)}, page, settings);
    CHECK(difference(moved, page) == 0);
    parse_padding("1", settings);
    const FilterResult ignored = filter({shift_kernel(1, -1)}, {page}, settings);
    settings.anchor = {};
    CHECK(difference(ignored.pages[0][0], filter_picture({shift_kernel(1, -1)}, page, settings)) ==
          0);
    const auto& decisions = ignored.report.decisions;
    CHECK(std::any_of(decisions.begin(), decisions.end(), [](const std::string& decision) {
        return decision.find("anchor: ignored") != std::string::npos;
    }));
}

TEST_CASE("pipeline: --convolve is the correlation with the turned kernel") {
    const Image page = sample_picture(SampleType::f32, 1, 9, 8);
    for (const auto& [R, S] : {std::pair{3, 3}, {2, 4}, {4, 3}}) {
        const Kernel kernel = uneven_kernel({R, S});
        FilterSettings settings = settings_for(page);
        settings.flip = true;
        const Image convolved = filter_picture({kernel}, page, settings);
        // y[i] = sum of w[j] x[i - (j - anchor)], where no border is touched.
        for (std::int64_t y = 3; y < 6; ++y) {
            for (std::int64_t x = 3; x < 5; ++x) {
                double expected = 0;
                for (std::int64_t r = 0; r < R; ++r) {
                    for (std::int64_t s = 0; s < S; ++s) {
                        expected += kernel.values[static_cast<std::size_t>(r * S + s)] *
                                    sample_at(page, 0, y - r + R / 2, x - s + S / 2);
                    }
                }
                CHECK(sample_at(convolved, 0, y, x) == doctest::Approx(expected).epsilon(1e-5));
            }
        }
    }
}

TEST_CASE("pipeline: NaN reaches exactly the pixels whose window touches it, with any method") {
    Image page = sample_picture(SampleType::f32, 3, 30, 40);
    set_sample(page, 1, 12, 20, static_cast<double>(kNotANumber));
    for (const Method& method : test_device().methods) {
        FilterSettings settings = settings_for(page);
        settings.method = method.name;
        Image result;
        try {
            result = filter_picture({box_kernel(3, 5)}, page, settings);
        } catch (const Error& error) {
            CHECK(error.kind() == ErrorKind::usage);
            continue;
        }
        CAPTURE(method.name);
        for (std::int64_t c = 0; c < 3; ++c) {
            for (std::int64_t y = 0; y < 30; ++y) {
                for (std::int64_t x = 0; x < 40; ++x) {
                    const bool touched = c == 1 && std::abs(y - 12) <= 1 && std::abs(x - 20) <= 2;
                    REQUIRE(std::isnan(sample_at(result, c, y, x)) == touched);
                }
            }
        }
    }
}

TEST_CASE("pipeline: 8-bit results rounded on the way equal float results rounded afterwards") {
    // Rank 1, out of range at both ends, the sums no integers.
    Kernel kernel = make_kernel({4, 3}, {});
    for (const double column : {0.3, -0.9, 1.1, 0.7}) {
        for (const double row : {0.4, 1.2, -0.5}) kernel.values.push_back(column * row);
    }
    for (const std::int64_t channels : {1, 3, 4}) {
        for (const bool planar : {false, true}) {
            const Image picture = sample_picture(SampleType::u8, channels, 31, 83, channels == 4);
            const Image page = planar ? planar_copy(picture) : picture;
            for (const AlphaRule rule : {AlphaRule::straight, AlphaRule::copy}) {
                FilterSettings settings = settings_for(page);
                settings.method = "separable";
                settings.alpha = rule;
                const FilterResult rounded = filter({kernel}, {page}, settings);
                settings.depth = SampleType::f32;
                std::vector<double> sums = samples_of(filter_picture({kernel}, page, settings));
                Lost lost;
                const bool copied = channels == 4 && rule == AlphaRule::copy;
                const std::size_t filtered = sums.size() / 4 * (copied ? 3 : 4);
                for (std::size_t i = 0; i < sums.size(); ++i) {
                    const double level = std::nearbyint(sums[i]);
                    if (!copied || i < filtered) {
                        lost.below += level < 0 ? 1 : 0;
                        lost.above += level > 255 ? 1 : 0;
                    }
                    sums[i] = std::clamp(level, 0.0, 255.0);
                }
                CAPTURE(channels);
                CAPTURE(planar);
                CHECK(samples_of(rounded.pages.at(0).at(0)) == sums);
                CHECK(rounded.report.lost == lost);
                CHECK(lost.below > 0);
                CHECK(lost.above > 0);
            }
        }
    }
}
