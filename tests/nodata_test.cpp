#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "support/bands.hpp"
#include "support/command_line.hpp"
#include "support/nodata.hpp"
#include "support/tiff_files.hpp"

using namespace conv;
using namespace conv::test;

TEST_CASE("nodata: results are those of the samples that count, any type, border and stride") {
    for (const auto& [type, nodata] :
         {std::pair{SampleType::u8, 0.0}, {SampleType::u16, 65535.0}, {SampleType::f32, -9999.0}}) {
        const Image page = holed_picture(type, 3, nodata);
        for (const char* border : {"constant:7", "replicate", "reflect", "reflect101", "wrap"}) {
            for (const std::int64_t stride : {1, 2}) {
                FilterSettings settings = settings_for(page);
                settings.nodata = nodata_of(nodata);
                settings.border = parse_border(border);
                settings.stride_h = settings.stride_w = stride;
                CAPTURE(border);
                CAPTURE(stride);
                const double scale = sample_maximum(type);
                check_against_reference(box_kernel(5, 3), page, settings, 1e-5);
                check_against_reference(gradient_kernel(), page, settings, 1e-5 * scale);
                Kernel negative = box_kernel(3, 4);
                for (double& w : negative.values) w *= -2;
                negative.bias = {3};
                check_against_reference(negative, page, settings, 1e-5);
            }
        }
    }
}

TEST_CASE("nodata: every method gives the same, full and dilated windows too") {
    const Image page = holed_picture(SampleType::u8, 1, 9);
    const Kernel smooth = box_kernel(3, 3);
    for (const Method& method : test_device().methods) {
        FilterSettings settings = settings_for(page);
        settings.nodata = nodata_of(9);
        settings.method = method.name;
        CAPTURE(method.name);
        const Bank bank = make_bank({smooth}, settings);
        const PageProblem planned(bank, page, settings);
        if (!method.offer(planned.problem(), planned.weights()).can_run()) continue;
        check_against_reference(smooth, page, settings, 1e-4);
    }
    FilterSettings settings = settings_for(page);
    settings.nodata = nodata_of(9);
    settings.padding_rule = PaddingRule::full;
    check_against_reference(box_kernel(5, 4), page, settings, 1e-5);
    settings.padding_rule = PaddingRule::same;
    settings.dilation_h = 2;
    settings.dilation_w = 3;
    check_against_reference(box_kernel(3, 3), page, settings, 1e-5);
}

TEST_CASE("nodata: opacity and validity weigh together, opacity itself always counts") {
    for (const SampleType type : {SampleType::u8, SampleType::f32}) {
        Image page = holed_picture(type, 4, 7, true);
        const double opaque = sample_maximum(type);
        for (std::int64_t y = 0; y < 33; ++y) {
            for (std::int64_t x = 0; x < 21; ++x)
                set_sample(page, 3, y, x, static_cast<double>((x + 2 * y) % 5) / 4 * opaque);
        }
        for (const char* border : {"reflect101", "constant:1"}) {
            FilterSettings settings = settings_for(page);
            settings.nodata = nodata_of(7);
            settings.border = parse_border(border);
            check_against_reference(box_kernel(3, 3), page, settings, 1e-4);
            const Image with = filter_picture({box_kernel(3, 3)}, page, settings);
            settings.nodata.reset();
            const Image without = filter_picture({box_kernel(3, 3)}, page, settings);
            for (std::int64_t y = 0; y < 33; ++y)
                for (std::int64_t x = 0; x < 21; ++x)
                    CHECK(sample_at(with, 3, y, x) ==
                          doctest::Approx(sample_at(without, 3, y, x)).epsilon(1e-5));
        }
    }
}

TEST_CASE("nodata: what does not count leaves bit for bit as it came") {
    const float lowest = std::numeric_limits<float>::lowest();
    const float odd_nan = std::bit_cast<float>(0x7fc12345U);
    for (const float value : {lowest, odd_nan, -0.0F}) {
        Image page = sample_picture(SampleType::f32, 2, 20, 20);
        for (std::int64_t i = 0; i < 800; i += 7) page.data<float>()[i] = value;
        for (const Kernel& kernel : {box_kernel(3, 3), gradient_kernel()}) {
            FilterSettings settings = settings_for(page);
            settings.nodata = nodata_of(std::isnan(value) ? NAN : double{value});
            const Image result = filter_picture({kernel}, page, settings);
            for (std::int64_t i = 0; i < 800; ++i) {
                const bool kept = std::memcmp(&result.data<const float>()[i], &value, 4) == 0;
                CHECK(kept == (i % 7 == 0));
            }
        }
    }
}

TEST_CASE("nodata: the edge of a hole is no step for kernels that sum to zero") {
    Image page = sample_picture(SampleType::u8, 1, 20, 20);
    for (std::int64_t y = 0; y < 20; ++y)
        for (std::int64_t x = 0; x < 20; ++x) set_sample(page, 0, y, x, x < 11 ? 200 : 0);
    FilterSettings settings = settings_for(page);
    settings.depth = SampleType::f32;
    settings.nodata = nodata_of(0);
    const Image result = filter_picture({gradient_kernel()}, page, settings);
    for (const double value : samples_of(result)) CHECK(std::abs(value) < 1e-3);
}

TEST_CASE("nodata: where nothing is missing the bytes are those without it") {
    const Image page = sample_picture(SampleType::u8, 3, 40, 30);
    FilterSettings settings = settings_for(page);
    const Image plain = filter_picture({box_kernel(5, 5)}, page, settings);
    settings.nodata = nodata_of(0);  // sample_picture has odd bytes alone
    CHECK(difference(filter_picture({box_kernel(5, 5)}, page, settings), plain) == 0);
}

TEST_CASE("nodata: bands and threads change no byte") {
    for (const auto& [type, nodata] : {std::pair{SampleType::u8, 5.0}, {SampleType::f32, NAN}}) {
        for (const char* border : {"reflect", "wrap", "constant:3"}) {
            const Image page = holed_picture(type, 3, nodata);
            FilterSettings settings = settings_for(page);
            settings.nodata = nodata_of(nodata);
            settings.border = parse_border(border);
            settings.limits.threads = 2;
            CAPTURE(border);
            check_bands({box_kernel(5, 4)}, page, settings);
            check_bands({gradient_kernel()}, planar_copy(page), settings);
            settings.channels = parse_channels("0,2");
            check_bands({box_kernel(3, 3)}, page, settings);
        }
    }
}

TEST_CASE("nodata: grey counts where all its parts do, luma moves no colour that does not count") {
    Image page = sample_picture(SampleType::u8, 3, 16, 16);
    set_sample(page, 1, 8, 8, 0);
    FilterSettings settings = settings_for(page);
    settings.nodata = nodata_of(0);
    settings.channels = parse_channels("gray");
    settings.depth = SampleType::f32;
    Image grey = filter_picture({identity_kernel()}, page, settings);
    CHECK(sample_at(grey, 0, 8, 8) == 0);
    CHECK(sample_at(grey, 0, 8, 9) > 0);
    settings.channels = parse_channels("luma");
    settings.depth = SampleType::u8;
    const Image luma = filter_picture({box_kernel(3, 3)}, page, settings);
    for (std::int64_t c = 0; c < 3; ++c)
        CHECK(sample_at(luma, c, 8, 8) == sample_at(page, c, 8, 8));
}

TEST_CASE("nodata: maps count every channel, combined kernels follow the centre") {
    Image page = sample_picture(SampleType::f32, 2, 9, 9);
    set_sample(page, 0, 4, 4, -1e9);
    FilterSettings settings = settings_for(page);
    settings.nodata = nodata_of(-1e9);
    const Image sum = filter_picture({make_kernel({2, 1, 1}, {1, 3})}, page, settings);
    CHECK(sample_at(sum, 0, 4, 4) == doctest::Approx(4 * sample_at(page, 1, 4, 4)));
    set_sample(page, 1, 4, 4, -1e9);
    CHECK(sample_at(filter_picture({make_kernel({2, 1, 1}, {1, 3})}, page, settings), 0, 4, 4) ==
          doctest::Approx(-1e9));
    settings.combine = Combine::max;
    const Image most = filter_picture({box_kernel(3, 3), shift_kernel(0, 1)}, page, settings);
    CHECK(sample_at(most, 0, 4, 4) == doctest::Approx(-1e9));
    CHECK(sample_at(most, 0, 4, 2) > -30);
    // The shifted kernel has nothing to count there.
    CHECK(sample_at(most, 0, 4, 3) == doctest::Approx(-1e9));
}

TEST_CASE("nodata: rescaling leaves it out and leaves it in place") {
    Image page = sample_picture(SampleType::u8, 1, 16, 16);
    set_sample(page, 0, 5, 5, 0);
    FilterSettings settings = settings_for(page);
    settings.nodata = nodata_of(0);
    settings.range = ValueRange::rescale;
    const FilterResult result = filter({gradient_kernel()}, {page}, settings);
    CHECK(sample_at(result.pages[0][0], 0, 5, 5) == 0);
    settings.nodata.reset();
    set_sample(page, 0, 5, 5, sample_at(page, 0, 5, 4));
    CHECK(result.report.rescaled_from->first >=
          filter({gradient_kernel()}, {page}, settings).report.rescaled_from->first * 2);
}

TEST_CASE("nodata: channels that are missing together share their weights") {
    Image page = sample_picture(SampleType::f32, 3, 40, 50);
    for (std::int64_t y = 0; y < 40; ++y)
        for (std::int64_t x = 0; x < 50; ++x)
            for (std::int64_t c = 0; c < 3; ++c)
                if ((y * 7 + x * 3) % 11 == 0 || (y > 30 && x < 9)) set_sample(page, c, y, x, -1);
    for (const char* border : {"constant:7", "reflect101", "wrap"}) {
        FilterSettings settings = settings_for(page);
        settings.nodata = nodata_of(-1);
        settings.border = parse_border(border);
        CAPTURE(border);
        check_against_reference(box_kernel(5, 4), page, settings, 1e-5);
        check_against_reference(gradient_kernel(), page, settings, 1e-3);
        check_bands({box_kernel(5, 4)}, page, settings);
        // One channel that is missing alone is its own matter.
        Image other = planar_copy(page);
        set_sample(other, 1, 20, 20, -1);
        check_against_reference(box_kernel(5, 4), other, settings, 1e-5);
    }
}

TEST_CASE("nodata: a map over channels that sums to zero is the sum of what each channel says") {
    // The first channel's part is an average, the second's too, the third's a gradient.
    const Kernel kernel = make_kernel({3, 1, 3}, {1, 2, 1, -2, 0, -2, -1, 0, 1});
    Image page = sample_picture(SampleType::f32, 3, 8, 24);
    FilterSettings settings = settings_for(page);
    const Image plain = filter_picture({kernel}, page, settings);
    settings.nodata = nodata_of(-1e9);
    CHECK(difference(filter_picture({kernel}, page, settings), plain) == 0);
    set_sample(page, 0, 4, 10, -1e9);
    set_sample(page, 2, 4, 16, -1e9);
    const Image counted = filter_picture({kernel}, page, settings);
    const auto at = [&](std::int64_t c, std::int64_t x) { return sample_at(page, c, 4, x); };
    // Beside the hole of the first: its average is that of the others, which weigh 4 together.
    CHECK(sample_at(counted, 0, 4, 11) ==
          doctest::Approx((2 * at(0, 11) + at(0, 12)) * 4 / 3 - 2 * at(1, 10) - 2 * at(1, 12) -
                          at(2, 10) + at(2, 12)));
    // Beside the hole of the third: what is missing is no step from its centre.
    CHECK(sample_at(counted, 0, 4, 15) ==
          doctest::Approx(at(0, 14) + 2 * at(0, 15) + at(0, 16) - 2 * at(1, 14) - 2 * at(1, 16) -
                          (at(2, 14) - at(2, 15)))
              .epsilon(1e-4));
    CHECK(sample_at(counted, 0, 4, 16) == doctest::Approx(-1e9));
    CHECK(sample_at(counted, 0, 4, 10) != doctest::Approx(-1e9));
    CHECK(sample_at(counted, 0, 2, 5) == sample_at(plain, 0, 2, 5));
    check_bands({kernel}, page, settings);
    Image gone = page;
    for (std::int64_t c = 0; c < 3; ++c) set_sample(gone, c, 3, 3, -1e9);
    CHECK(sample_at(filter_picture({kernel}, gone, settings), 0, 3, 3) == doctest::Approx(-1e9));
}

TEST_CASE("nodata: what cannot be is refused with what would work") {
    const Image page = sample_picture(SampleType::f32, 1, 9, 9);
    FilterSettings settings;
    settings.nodata = nodata_of(-9999);
    settings.depth = SampleType::u8;
    check_contains(filter_error({box_kernel(3, 3)}, page, settings, ErrorKind::usage),
                   "--depth f32");
    settings.depth = SampleType::f32;
    settings.padding_rule = PaddingRule::full;
    check_contains(filter_error({gradient_kernel()}, page, settings, ErrorKind::usage),
                   "--padding same");
    CHECK_THROWS_AS(parse_nodata("none at all"), Error);
    CHECK_FALSE(parse_nodata("none"));
    CHECK(std::isnan(parse_nodata("nan")->value));
    CHECK(parse_nodata("-3.4028235e38")->value == std::numeric_limits<float>::lowest());
}

TEST_CASE("nodata: --verify checks the sums of what counts") {
    const Image page = holed_picture(SampleType::u8, 3, 3);
    FilterSettings settings = settings_for(page);
    settings.nodata = nodata_of(3);
    settings.verify_on = &test_device();
    const FilterResult result = filter({box_kernel(5, 5)}, {page}, settings);
    bool said = false;
    for (const std::string& line : result.report.decisions)
        said = said || line.find("of their weights") != std::string::npos;
    CHECK(said);
}
