#include <doctest/doctest.h>

#include <cmath>

#include "options/light_curve.hpp"
#include "support/bands.hpp"
#include "support/command_line.hpp"
#include "support/filtering.hpp"
#include "tensor/transfer.hpp"

using namespace conv;
using namespace conv::test;

namespace {

FilterSettings linear_settings(const Image& page) {
    FilterSettings settings = settings_for(page);
    set_linear_light(settings, page.type, {});
    return settings;
}

}  // namespace

TEST_CASE("linear: identity is the identity for every sample, sRGB and gamma") {
    for (const CurveFormula& formula : {srgb_curve(), gamma_curve(2.2), gamma_curve(1.0)}) {
        for (const SampleType type : {SampleType::u8, SampleType::u16}) {
            const int white = static_cast<int>(sample_maximum(type));
            Image page = Image::interleaved(type, 1, 1, white + 1);
            for (int i = 0; i <= white; ++i) set_sample(page, 0, 0, i, i);
            FilterSettings settings = settings_for(page);
            settings.decode = std::make_shared<TransferCurve>(formula, type, "test");
            settings.encode = settings.decode;
            CHECK(difference(filter_picture({identity_kernel()}, page, settings), page) == 0);
        }
    }
}

TEST_CASE("linear: a black and white edge blurred is the mean of its light") {
    for (const SampleType type : {SampleType::u8, SampleType::u16}) {
        const double white = sample_maximum(type);
        const Image page = row_picture(type, {0, 0, 0, white, white, white});
        const FilterSettings settings = linear_settings(page);
        const std::vector<double> blurred =
            samples_of(filter_picture({box_kernel(1, 3)}, page, settings));
        const auto coded = [&](double light) {
            return std::nearbyint((1.055 * std::pow(light, 1 / 2.4) - 0.055) * white);
        };
        CHECK(blurred[2] == coded(1.0 / 3));
        CHECK(blurred[3] == coded(2.0 / 3));
        CHECK(blurred[0] == 0);
        CHECK(blurred[5] == white);
    }
}

TEST_CASE("linear: opacity is as it is, bands change no byte, constants are decoded") {
    const Image page = sample_picture(SampleType::u8, 4, 40, 20, true);
    FilterSettings settings = linear_settings(page);
    settings.border = parse_border("constant:90");
    check_bands({box_kernel(5, 5)}, page, settings);
    check_bands({box_kernel(5, 5)}, planar_copy(page), settings);
    FilterSettings plain = settings_for(page);
    plain.border = settings.border;
    const Image with = filter_picture({box_kernel(5, 5)}, page, settings);
    const Image without = filter_picture({box_kernel(5, 5)}, page, plain);
    for (std::int64_t y = 0; y < 40; ++y)
        for (std::int64_t x = 0; x < 20; ++x)
            CHECK(std::abs(sample_at(with, 3, y, x) - sample_at(without, 3, y, x)) <= 1);
    const Image flat = row_picture(SampleType::u8, {90, 90, 90});
    FilterSettings constant = linear_settings(flat);
    constant.border = parse_border("constant:90");
    CHECK(samples_of(filter_picture({box_kernel(1, 3)}, flat, constant)) ==
          std::vector<double>{90, 90, 90});
}

TEST_CASE("linear: the curve is the file's where that is plain") {
    CHECK(light_curve({}).name == "sRGB");
    Metadata metadata;
    metadata.colour.gamma = 50000;
    CHECK(light_curve(metadata).formula.g == doctest::Approx(2));
    check_contains(light_curve(metadata).name, "gAMA");
    metadata.colour.srgb_intent = 0;
    CHECK(light_curve(metadata).formula.g == doctest::Approx(2.4));
    // A profile whose only tag is a green curve of gamma 1.8.
    std::string profile(128, '\0');
    profile += big(1, 4) + "gTRC" + big(144, 4) + big(14, 4);
    profile += "curv" + big(0, 4) + big(1, 4) + big(static_cast<std::uint64_t>(1.8 * 256), 2);
    metadata.icc_profile.assign(profile.begin(), profile.end());
    CHECK(light_curve(metadata).formula.g == doctest::Approx(1.8).epsilon(0.01));
    metadata.icc_profile.resize(140);
    check_contains(light_curve(metadata).name, "no plain ones");
}

TEST_CASE("linear: from the command line, float pictures are refused") {
    const TemporaryFolder folder;
    const Run verbose = apply({"-k", "gaussian:sigma=2", "--linear", "-v"}, sample("scene.png"),
                              folder.file("a.png"));
    CHECK(verbose.code == 0);
    check_contains(verbose.err, "light: ");
    const Run refused = apply({"-k", "box", "--linear"}, sample("hdr.tif"), folder.file("b.tif"));
    CHECK(refused.code == 2);
    check_contains(refused.err, "leave it out");
}
