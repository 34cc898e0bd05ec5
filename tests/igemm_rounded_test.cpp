#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "conv/whole_weights.hpp"
#include "kernels/builtin.hpp"
#include "support/filtering.hpp"
#include "support/random_page.hpp"
#include "support/test_devices.hpp"

using namespace conv;
using namespace conv::test;

// Kernels whose weights are no fractions: igemm rounds them.

namespace {

/// The Gaussians, and others whose weights are no fractions, that are rounded.
std::vector<Kernel> rounded_kernels() {
    std::vector<Kernel> kernels;
    for (const char* name :
         {"gaussian:sigma=1", "gaussian:sigma=2", "gaussian:sigma=5", "gaussian:sigma=3,size=6",
          "gaussian:sigma=0.8,size=3", "disk:radius=2.5"}) {
        kernels.push_back(make_builtin(name).front());
        kernels.back().name = name;
    }
    return kernels;
}

struct Planned {
    Problem problem;
    Bank bank;
    WholeWeights whole;

    explicit Planned(const Kernel& kernel) : bank(make_bank({kernel}, {})) {
        problem.R = kernel.R;
        problem.S = kernel.S;
        problem.H = problem.W = 100;
        problem.facts.samples = problem.facts.results = SampleType::u8;
        whole = whole_weights(problem, bank.weights());
    }
};

/// The picture whose samples are black or white so that rounded weights are furthest off.
Image worst_window(const Kernel& kernel, const WholeWeights& whole, bool above) {
    const Image page = Image::interleaved(SampleType::u8, 1, kernel.R, kernel.S);
    for (std::size_t i = 0; i < kernel.values.size(); ++i) {
        const double rounded =
            static_cast<double>(whole.values[i]) / static_cast<double>(whole.denominator);
        const bool more = rounded > kernel.values[i] * kernel.scale;
        page.data<std::uint8_t>()[i] = more == above ? 255 : 0;
    }
    return page;
}

}  // namespace

TEST_CASE("igemm: rounded weights give the processor's bytes on every device") {
    Random random(8);
    const Image page = random_page(random, 3, 70, 90);
    for (const Device& device : test_devices().found) {
        for (const Kernel& kernel : rounded_kernels()) {
            CAPTURE(device.name);
            CAPTURE(kernel.name);
            FilterSettings settings = settings_for(page);
            settings.method = "igemm";
            const Bank bank = make_bank({kernel}, settings);
            const Image result = filter_pages(device, bank, {page}, settings).pages.at(0).at(0);
            CHECK(samples_of(result) == samples_of(filter_picture({kernel}, page, settings)));
        }
    }
}

TEST_CASE("igemm: rounded weights keep the sum, and no black and white picture is 0.02 level off") {
    for (const Kernel& kernel : rounded_kernels()) {
        CAPTURE(kernel.name);
        const Planned planned(kernel);
        REQUIRE(planned.whole.refusal == "");
        CHECK_FALSE(planned.whole.exact);
        std::int64_t sum = 0;
        double wanted = 0, above = 0, below = 0;
        for (std::size_t i = 0; i < kernel.values.size(); ++i) {
            const double weight = kernel.values[i] * kernel.scale;
            const double off = static_cast<double>(planned.whole.values[i]) /
                                   static_cast<double>(planned.whole.denominator) -
                               weight;
            (off > 0 ? above : below) += 255 * std::abs(off);
            wanted += weight;
            sum += planned.whole.values[i];
        }
        CHECK(static_cast<double>(sum) ==
              std::nearbyint(wanted) * static_cast<double>(planned.whole.denominator));
        // Any picture is off by less than both together.
        CHECK(above + below <= kMostDeviation);
    }
}

TEST_CASE("igemm: rounded weights give the rounded sums but within 0.02 of a tie") {
    Random random(4);
    for (const Kernel& kernel : rounded_kernels()) {
        CAPTURE(kernel.name);
        const Planned planned(kernel);
        std::vector<Image> pages = {worst_window(kernel, planned.whole, true),
                                    worst_window(kernel, planned.whole, false),
                                    random_page(random, 1, 40, 90)};
        for (const Image& page : pages) {
            FilterSettings settings = settings_for(page);
            settings.method = "igemm";
            const Image result = filter_picture({kernel}, page, settings);
            settings.method = "naive";
            settings.depth = SampleType::f32;
            const Image exact = filter_picture({kernel}, page, settings);
            double worst = 0;
            for (std::int64_t i = 0; i < page.shape.H * page.shape.W; ++i) {
                const double x = std::clamp(double{exact.data<float>()[i]}, 0.0, 255.0);
                worst = std::max(worst, std::abs(result.data<std::uint8_t>()[i] - x));
            }
            CHECK(worst <= 0.5 + kMostDeviation);
        }
    }
}

TEST_CASE("igemm: flat areas stay flat under rounded weights") {
    for (const Kernel& kernel : rounded_kernels()) {
        for (int level = 0; level < 256; ++level) {
            const Image page = Image::interleaved(SampleType::u8, 1, 3, 20);
            std::fill_n(page.data<std::uint8_t>(), 60, static_cast<std::uint8_t>(level));
            FilterSettings settings = settings_for(page);
            settings.method = "igemm";
            const Image result = filter_picture({kernel}, page, settings);
            for (int i = 0; i < 60; ++i) {
                REQUIRE(int{result.data<std::uint8_t>()[i]} == level);
            }
        }
    }
}
