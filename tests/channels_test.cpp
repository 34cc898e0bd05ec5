#include <doctest/doctest.h>

#include <string>

#include "support/filtering.hpp"

using namespace conv;
using namespace conv::test;

namespace {

/// Sum of kernel values (plane `c` of map `k`) times page channel, without a border.
double window_sum(const Image& page, std::int64_t channel, const Kernel& kernel, std::int64_t k,
                  std::int64_t c, std::int64_t top, std::int64_t left) {
    double sum = 0;
    for (std::int64_t r = 0; r < kernel.R; ++r) {
        for (std::int64_t s = 0; s < kernel.S; ++s) {
            const std::int64_t at = ((k * kernel.C + c) * kernel.R + r) * kernel.S + s;
            sum += kernel.values[static_cast<std::size_t>(at)] *
                   sample_at(page, channel, top + r, left + s);
        }
    }
    return sum;
}

}  // namespace

TEST_CASE("channels: --channels gray filters the BT.601 grey alone") {
    const Image page = sample_picture(SampleType::u8, 3, 6, 5);
    FilterSettings settings;
    settings.channels = parse_channels("gray");
    settings.depth = SampleType::f32;
    const Image gray = filter_picture({shift_kernel(0, 1)}, page, settings);
    REQUIRE(gray.shape == Shape{1, 1, 6, 5});
    for (std::int64_t y = 0; y < 6; ++y) {
        for (std::int64_t x = 0; x < 4; ++x) {
            const double expected = 0.299 * sample_at(page, 0, y, x + 1) +
                                    0.587 * sample_at(page, 1, y, x + 1) +
                                    0.114 * sample_at(page, 2, y, x + 1);
            CHECK(sample_at(gray, 0, y, x) == doctest::Approx(expected).epsilon(1e-6));
        }
    }
    settings = settings_for(page);
    settings.channels = parse_channels("gray");
    const Image one = sample_picture(SampleType::u8, 1, 6, 5);
    CHECK(difference(filter_picture({identity_kernel()}, one, settings), one) == 0);
    check_contains(filter_error({identity_kernel()}, sample_picture(SampleType::u8, 5, 3, 3),
                                settings, ErrorKind::usage),
                   "--channels gray needs R, G, B");
}

TEST_CASE("channels: --channels luma moves all colours by what filtering changed their grey") {
    const Image page = sample_picture(SampleType::f32, 3, 7, 8);
    FilterSettings settings = settings_for(page);
    settings.channels = parse_channels("luma");
    const Kernel kernel = uneven_kernel({3, 3});
    const Image result = filter_picture({kernel}, page, settings);
    REQUIRE(result.shape == page.shape);
    const double weights[] = {0.299, 0.587, 0.114};
    for (std::int64_t y = 1; y < 6; ++y) {
        for (std::int64_t x = 1; x < 7; ++x) {
            double change = 0;
            for (std::int64_t c = 0; c < 3; ++c) {
                change += weights[c] * (window_sum(page, c, kernel, 0, 0, y - 1, x - 1) -
                                        sample_at(page, c, y, x));
            }
            for (std::int64_t c = 0; c < 3; ++c) {
                CHECK(sample_at(result, c, y, x) ==
                      doctest::Approx(sample_at(page, c, y, x) + change).epsilon(1e-4));
            }
        }
    }
}

TEST_CASE("channels: a grey line sharpened by --channels luma stays grey") {
    Image page = Image::interleaved(SampleType::u8, 3, 1, 4);
    for (std::int64_t x = 0; x < 4; ++x)
        for (std::int64_t c = 0; c < 3; ++c)
            set_sample(page, c, 0, x, 40 + 50 * static_cast<double>(x % 2));
    FilterSettings settings;
    settings.channels = parse_channels("luma");
    const Image result = filter_picture({make_kernel({1, 3}, {-1, 3, -1})}, page, settings);
    for (std::int64_t x = 0; x < 4; ++x) {
        CHECK(sample_at(result, 0, 0, x) == sample_at(result, 1, 0, x));
        CHECK(sample_at(result, 0, 0, x) == sample_at(result, 2, 0, x));
    }
    CHECK(sample_at(result, 0, 0, 1) == 190);  // 3 * 90 - 2 * 40
}

TEST_CASE("channels: --channels with a list copies the other channels in the output's geometry") {
    const Image page = sample_picture(SampleType::u8, 3, 8, 9);
    for (const bool planar : {false, true}) {
        FilterSettings settings = settings_for(page);
        settings.channels = parse_channels("0,2");
        settings.stride_h = 2;
        settings.stride_w = 3;
        const Kernel kernel = factor_kernel(-1, 255);
        const Image result = filter_picture({kernel}, planar ? planar_copy(page) : page, settings);
        REQUIRE(result.shape == Shape{1, 3, 4, 3});
        for (std::int64_t p = 0; p < 4; ++p) {
            for (std::int64_t q = 0; q < 3; ++q) {
                CHECK(sample_at(result, 0, p, q) == 255 - sample_at(page, 0, 2 * p, 3 * q));
                CHECK(sample_at(result, 1, p, q) == sample_at(page, 1, 2 * p, 3 * q));
                CHECK(sample_at(result, 2, p, q) == 255 - sample_at(page, 2, 2 * p, 3 * q));
            }
        }
    }
    FilterSettings settings = settings_for(page);
    settings.channels = parse_channels("3");
    check_contains(filter_error({identity_kernel()}, page, settings, ErrorKind::usage),
                   "channel 3, the picture has channels 0 to 2");
}

TEST_CASE("channels: values of copied channels are not counted as lost or filtered") {
    const Image page = sample_picture(SampleType::u8, 3, 2, 2);
    FilterSettings settings = settings_for(page);
    settings.channels = parse_channels("1");
    const FilterReport report = filter({factor_kernel(-1, -1)}, {page}, settings).report;
    CHECK(report.values == 4);
    CHECK(report.lost == Lost{4, 0});
}

TEST_CASE("channels: a C x R x S kernel sums over the channels into one map") {
    const Image page = sample_picture(SampleType::u8, 3, 6, 7);
    const Kernel kernel = uneven_kernel({3, 2, 3});
    FilterSettings settings;
    settings.depth = SampleType::f32;
    settings.padding_rule = PaddingRule::valid;
    const Image map = filter_picture({kernel}, page, settings);
    REQUIRE(map.shape == Shape{1, 1, 5, 5});
    for (std::int64_t p = 0; p < 5; ++p) {
        for (std::int64_t q = 0; q < 5; ++q) {
            double expected = 0;
            for (std::int64_t c = 0; c < 3; ++c)
                expected += window_sum(page, c, kernel, 0, c, p, q);
            CHECK(sample_at(map, 0, p, q) == doctest::Approx(expected).epsilon(1e-5));
        }
    }
}

TEST_CASE("channels: a bank gives K maps, and groups keep their channels apart") {
    const Image page = sample_picture(SampleType::f32, 4, 5, 6);
    const Kernel kernel = uneven_kernel({6, 2, 2, 2});
    FilterSettings settings = settings_for(page);
    settings.groups = 2;
    settings.padding_rule = PaddingRule::valid;
    const Image maps = filter_picture({kernel}, planar_copy(page), settings);
    REQUIRE(maps.shape == Shape{1, 6, 4, 5});
    for (std::int64_t k = 0; k < 6; ++k) {
        for (std::int64_t p = 0; p < 4; ++p) {
            for (std::int64_t q = 0; q < 5; ++q) {
                double expected = 0;
                for (std::int64_t c = 0; c < 2; ++c)
                    expected += window_sum(page, k / 3 * 2 + c, kernel, k, c, p, q);
                CHECK(sample_at(maps, k, p, q) == doctest::Approx(expected).epsilon(1e-4));
            }
        }
    }
    settings.groups = 3;
    check_contains(filter_error({kernel}, page, settings, ErrorKind::usage), "takes 6 channels");
    settings.groups = 2;
    check_contains(filter_error({identity_kernel()}, page, settings, ErrorKind::usage),
                   "--groups 2 needs a K x C/G x R x S bank");
}

TEST_CASE("channels: a list of --channels selects the inputs of a bank, in its order") {
    const Image page = sample_picture(SampleType::u16, 4, 3, 3);
    FilterSettings settings;
    settings.depth = SampleType::f32;
    settings.channels = parse_channels("3,1");
    const Image map = filter_picture({make_kernel({2, 1, 1}, {1, 100})}, page, settings);
    REQUIRE(map.shape.C == 1);
    for (std::int64_t y = 0; y < 3; ++y) {
        for (std::int64_t x = 0; x < 3; ++x) {
            CHECK(sample_at(map, 0, y, x) ==
                  sample_at(page, 3, y, x) + 100 * sample_at(page, 1, y, x));
        }
    }
}

TEST_CASE("channels: a kernel whose channels do not fit is refused with what would") {
    FilterSettings settings;
    check_contains(filter_error({uneven_kernel({2, 1, 1})}, sample_picture(SampleType::u8, 3, 2, 2),
                                settings, ErrorKind::usage),
                   "takes 2 channels and the picture has 3");
    check_contains(filter_error({uneven_kernel({4, 3, 3})}, sample_picture(SampleType::u8, 1, 9, 9),
                                settings, ErrorKind::usage),
                   "shape 4 1 3 3");
    settings.channels = parse_channels("luma");
    check_contains(filter_error({uneven_kernel({3, 1, 1})}, sample_picture(SampleType::u8, 3, 2, 2),
                                settings, ErrorKind::usage),
                   "--channels luma needs a 2-D kernel");
}

TEST_CASE("channels: several 2-D kernels give one picture each, with their own scale and bias") {
    const Image page = sample_picture(SampleType::f32, 3, 6, 7);
    Kernel left = make_kernel({1, 3}, {2, 0, 0});
    left.scale = 0.5;
    Kernel down = make_kernel({4, 1}, {0, 0, 0, 1});
    down.anchor = Anchor{0, 1};
    down.bias = {1000};
    FilterSettings settings = settings_for(page);
    settings.border = {BorderMode::wrap, {}};
    const FilterResult result = filter({left, down}, {page}, settings);
    REQUIRE(result.pages[0].size() == 2);
    for (std::int64_t c = 0; c < 3; ++c) {
        for (std::int64_t y = 0; y < 6; ++y) {
            for (std::int64_t x = 0; x < 7; ++x) {
                CHECK(sample_at(result.pages[0][0], c, y, x) == sample_at(page, c, y, (x + 6) % 7));
                CHECK(sample_at(result.pages[0][1], c, y, x) ==
                      static_cast<double>(static_cast<float>(sample_at(page, c, (y + 2) % 6, x)) +
                                          1000.0F));
            }
        }
    }
}

TEST_CASE("channels: a constant border has its value for each channel, in every memory order") {
    const Image page = sample_picture(SampleType::u8, 3, 2, 3);
    FilterSettings settings = settings_for(page);
    settings.border = parse_border("constant:10,20,30");
    for (const Image& input : {page, planar_copy(page)}) {
        const Image moved = filter_picture({shift_kernel(-1, 0)}, input, settings);
        for (std::int64_t c = 0; c < 3; ++c) {
            for (std::int64_t x = 0; x < 3; ++x) {
                CHECK(sample_at(moved, c, 0, x) == 10 * (static_cast<double>(c) + 1));
                CHECK(sample_at(moved, c, 1, x) == sample_at(page, c, 0, x));
            }
        }
    }
}

TEST_CASE("channels: a constant border's colours stay with their channels when some are picked") {
    const Image page = sample_picture(SampleType::u8, 3, 1, 1);
    FilterSettings settings;
    settings.depth = SampleType::f32;
    settings.border = parse_border("constant:10,20,30");
    const Kernel above = shift_kernel(-1, 0);
    for (const std::string selection : {"gray", "luma"}) {
        settings.channels = parse_channels(selection);
        const double grey = 0.299 * 10 + 0.587 * 20 + 0.114 * 30;
        const Image result = filter_picture({above}, page, settings);
        double filtered = 0;
        if (result.shape.C == 1) filtered = sample_at(result, 0, 0, 0);
        if (result.shape.C == 3) {
            filtered = 0.299 * sample_at(result, 0, 0, 0) + 0.587 * sample_at(result, 1, 0, 0) +
                       0.114 * sample_at(result, 2, 0, 0);
        }
        CAPTURE(selection);
        CHECK(filtered == doctest::Approx(grey).epsilon(1e-5));
    }
    settings.channels = parse_channels("2,1");
    Kernel selected = make_kernel({2, 3, 3}, std::vector<double>(18, 0));
    selected.values[1] = 1;     // above, in the first plane
    selected.values[10] = 100;  // above, in the second
    CHECK(samples_of(filter_picture({selected}, page, settings)) ==
          std::vector<double>{30 + 100 * 20});
}

TEST_CASE("channels: planar and interleaved pictures give the same result") {
    for (const SampleType type : {SampleType::u8, SampleType::u16, SampleType::f32}) {
        for (const bool has_alpha : {false, true}) {
            const Image page = sample_picture(type, has_alpha ? 4 : 3, 13, 11, has_alpha);
            for (const std::string border : {"reflect101", "constant", "wrap"}) {
                FilterSettings settings = settings_for(page);
                settings.border = parse_border(border);
                if (border == "constant") settings.border.values = {3, 7, 11};
                if (border == "constant" && has_alpha) settings.border.values.push_back(1);
                const Kernel kernel = uneven_kernel({3, 4});
                const Image expected = filter_picture({kernel}, page, settings);
                const Image planar = filter_picture({kernel}, planar_copy(page), settings);
                CAPTURE(border);
                CAPTURE(has_alpha);
                CHECK(planar.strides.W == 1);
                CHECK(difference(planar, expected) <= (type == SampleType::f32 ? 1e-3 : 1));
            }
        }
    }
}

TEST_CASE("channels: a constant border has one value, or one for every channel and alpha") {
    FilterSettings settings;
    settings.border = parse_border("constant:1,2,3");
    const auto error = [&](std::int64_t channels, bool has_alpha) {
        const Image page = sample_picture(SampleType::u8, channels, 3, 3, has_alpha);
        return filter_error({box_kernel(3, 3)}, page, settings, ErrorKind::usage);
    };
    CHECK(error(3, false).empty());
    CHECK(error(3, true).empty());
    check_contains(error(1, false),
                   "constant:1,2,3 has 3 values, the picture 1 channel: give one value");
    check_contains(error(4, true),
                   "3 values, the picture 4 channels with alpha: give one value or 4");
}
