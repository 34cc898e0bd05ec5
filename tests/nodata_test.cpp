#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "pipeline/missing_samples.hpp"
#include "support/bands.hpp"
#include "support/command_line.hpp"
#include "support/filtering.hpp"
#include "support/tiff_files.hpp"
#include "tensor/missing.hpp"

using namespace conv;
using namespace conv::test;

namespace {

Nodata nodata_of(double value) {
    return {static_cast<float>(value), static_cast<float>(value)};
}

/// A picture with holes: single samples, a block over the corner, a row.
Image holed_picture(SampleType type, std::int64_t channels, double nodata, bool has_alpha = false) {
    Image page = sample_picture(type, channels, 33, 21, has_alpha);
    const std::int64_t colours = channels - (has_alpha ? 1 : 0);
    for (std::int64_t c = 0; c < colours; ++c) {
        for (std::int64_t y = 0; y < 33; ++y) {
            for (std::int64_t x = 0; x < 21; ++x) {
                const bool hole = (y * 21 + x * 5 + c * 3) % 17 == 0 || (y < 4 && x < 6) ||
                                  (y == 20 && x > 2 + c) || (y > 25 && x > 14);
                if (hole) set_sample(page, c, y, x, nodata);
            }
        }
    }
    return page;
}

/// The definition, by nested loops over one page: design's formula, alpha weighing too.
struct Reference {
    const Image& page;
    const Bank& bank;
    const FilterSettings& settings;
    Problem problem = {};

    bool counts(std::int64_t c, std::int64_t h, std::int64_t w) const {
        const bool opacity = page.has_alpha && c == page.shape.C - 1;
        return opacity || !settings.nodata->matches(static_cast<float>(sample_at(page, c, h, w)));
    }
    double opacity(std::int64_t h, std::int64_t w) const {
        return page.has_alpha ? sample_at(page, page.shape.C - 1, h, w) : 1;
    }
    /// A 2-D kernel's result for one channel.
    double at(std::int64_t c, std::int64_t p, std::int64_t q) const {
        const std::int64_t top = p * problem.stride_h - problem.padding.top;
        const std::int64_t left = q * problem.stride_w - problem.padding.left;
        const std::int64_t y = top + bank.anchor.y * problem.dilation_h;
        const std::int64_t x = left + bank.anchor.x * problem.dilation_w;
        const bool inside = y >= 0 && y < page.shape.H && x >= 0 && x < page.shape.W;
        if (inside && !counts(c, y, x)) return sample_at(page, c, y, x);
        const double centre = inside ? sample_at(page, c, y, x) : 0;
        const double full = page.has_alpha ? sample_maximum(page.type) : 1;
        double sum = 0, absolute = 0, D = 0, A = 0, value = 0;
        for (std::int64_t r = 0; r < bank.R; ++r) {
            for (std::int64_t s = 0; s < bank.S; ++s) {
                const auto w =
                    static_cast<double>(bank.values[static_cast<std::size_t>(r * bank.S + s)]);
                sum += w;
                absolute += std::abs(w);
                const std::int64_t h =
                    border_index(problem.border.mode, top + r * problem.dilation_h, page.shape.H);
                const std::int64_t v =
                    border_index(problem.border.mode, left + s * problem.dilation_w, page.shape.W);
                const bool constant = h < 0 || v < 0;
                const double border = static_cast<double>(problem.border.value(c));
                const double a = constant ? (page.has_alpha ? border : 1) : opacity(h, v);
                A += w * a;
                if (!constant && !counts(c, h, v)) continue;
                D += w * a;
                value += w * a * (constant ? border : sample_at(page, c, h, v));
            }
        }
        const double bias = bank.bias.empty() ? 0 : static_cast<double>(bank.bias[0]);
        const double sign = sum < 0 ? -1 : 1, least = 1e-6 * absolute * full;
        if (std::abs(sum) <= 1e-6 * absolute) return value - centre * D + bias;
        if (page.has_alpha && sign * A <= least) return 0;
        if (!(sign * D > least)) return static_cast<double>(settings.nodata->value);
        return value * sum / D + bias;
    }
};

void check_against_reference(const Kernel& kernel, const Image& page, FilterSettings settings,
                             double tolerance) {
    settings.depth = SampleType::f32;
    const Bank bank = make_bank({kernel}, settings);
    const PageProblem planned(bank, page, settings);
    const Image result = filter_picture({kernel}, page, settings);
    const Reference reference{page, bank, settings, planned.problem()};
    const std::int64_t colours = page.shape.C - (page.has_alpha ? 1 : 0);
    std::int64_t wrong = 0;
    for (std::int64_t c = 0; c < colours; ++c) {
        for (std::int64_t p = 0; p < result.shape.H; ++p) {
            for (std::int64_t q = 0; q < result.shape.W; ++q) {
                const double got = sample_at(result, c, p, q), wanted = reference.at(c, p, q);
                if (std::isnan(got) && std::isnan(wanted)) continue;
                if (std::abs(got - wanted) <= tolerance * std::max(1.0, std::abs(wanted))) continue;
                CAPTURE(c);
                CAPTURE(p);
                CAPTURE(q);
                CHECK(got == doctest::Approx(wanted));
                ++wrong;
            }
        }
    }
    CHECK(wrong == 0);
}

Kernel gradient_kernel() {
    return make_kernel({3, 3}, {-1, 0, 1, -2, 0, 2, -1, 0, 1});
}

}  // namespace

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

TEST_CASE("nodata: marks are noted in order and nothing else is moved") {
    for (std::int64_t count = 0; count < 150; ++count) {
        std::vector<float> values;
        std::vector<std::int64_t> wanted;
        for (std::int64_t i = 0; i < count; ++i) {
            const bool marked = i * i % 7 == 2 || i % 31 > 27;
            if (marked) wanted.push_back(i);
            values.push_back(marked       ? kMissingSample
                             : i % 5 == 0 ? std::numeric_limits<float>::quiet_NaN()
                                          : static_cast<float>(i));
        }
        std::vector<std::int64_t> places(static_cast<std::size_t>(count) + 1, -1);
        const std::int64_t found = take_missing_marks(values.data(), count, places.data());
        REQUIRE(places.back() == -1);
        places.resize(static_cast<std::size_t>(found));
        REQUIRE(places == wanted);
        for (const std::int64_t i : wanted) REQUIRE(values[static_cast<std::size_t>(i)] == 0);
        if (count > 1) REQUIRE(values[1] == 1);
        if (count > 0) REQUIRE(std::isnan(values[0]));
    }
}

TEST_CASE("nodata: what does not count is found and taken out, wherever it stands") {
    const float mark = kMissingSample, nan = std::numeric_limits<float>::quiet_NaN();
    for (const float value : {-9999.0F, 0.0F, nan, mark}) {
        const Nodata nodata{value, value};
        for (std::int64_t count = 1; count < 140; count += 3) {
            for (std::int64_t at = -1; at < count; at += 5) {
                std::vector<float> samples(static_cast<std::size_t>(count), 7);
                if (at >= 0) samples[static_cast<std::size_t>(at)] = value;
                std::vector<float> values(samples.size(), -1);
                std::vector<std::uint8_t> counts(samples.size(), 9);
                REQUIRE(any_missing(samples.data(), count, nodata) == (at >= 0));
                REQUIRE(separate_missing(samples.data(), count, nodata, values.data(),
                                         counts.data()) == (at >= 0));
                for (std::int64_t i = 0; i < count; ++i) {
                    REQUIRE(values[static_cast<std::size_t>(i)] == (i == at ? 0.0F : 7.0F));
                    REQUIRE(counts[static_cast<std::size_t>(i)] == (i == at ? 0 : 1));
                }
            }
        }
    }
    std::vector<std::uint16_t> words(99, 5), values(99);
    std::vector<std::uint8_t> counts(99);
    words[98] = 65535;
    CHECK(separate_missing(words.data(), 99, {65535, 65535}, values.data(), counts.data()));
    CHECK(values[98] == 0);
    CHECK(counts[98] == 0);
    CHECK(counts[97] == 1);
    CHECK_FALSE(any_missing(words.data(), 99, {-1, -1}));
    CHECK_FALSE(any_missing(words.data(), 99, {65535.5F, 65535.5F}));
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
