#include "kernels/frequency_response.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

using namespace conv;

namespace {

constexpr std::int64_t kBins = 17, kMiddle = 8;

double at(const std::vector<double>& response, std::int64_t v, std::int64_t u) {
    return response[static_cast<std::size_t>(v * kBins + u)];
}

}  // namespace

TEST_CASE("frequency response: the identity passes everything, wherever its one stands") {
    const std::vector<double> weights = {0, 0, 0, 0, 0, 1};
    for (const double value : frequency_response(weights, 2, 3, kBins)) {
        CHECK(value == doctest::Approx(1));
    }
}

TEST_CASE("frequency response: in the middle it is the kernel's sum, without sign") {
    const std::vector<double> weights = {1, -4, 0.5, -2};
    CHECK(at(frequency_response(weights, 2, 2, kBins), kMiddle, kMiddle) == doctest::Approx(4.5));
}

TEST_CASE("frequency response: a horizontal mean of three is (1 + 2 cos(2 pi fx)) / 3") {
    const std::vector<double> weights(3, 1.0 / 3);
    const std::vector<double> response = frequency_response(weights, 1, 3, kBins);
    for (std::int64_t v = 0; v < kBins; ++v) {
        for (std::int64_t u = 0; u < kBins; ++u) {
            const double fx = static_cast<double>(u - kMiddle) / static_cast<double>(kBins - 1);
            const double expected = std::abs(1 + 2 * std::cos(2 * std::numbers::pi * fx)) / 3;
            CHECK(at(response, v, u) == doctest::Approx(expected).epsilon(1e-12));
        }
    }
}

TEST_CASE("frequency response: rows are vertical frequencies") {
    const std::vector<double> difference = {1, -1};  // of two rows
    const std::vector<double> response = frequency_response(difference, 2, 1, kBins);
    CHECK(at(response, kMiddle, 0) == doctest::Approx(0));
    CHECK(at(response, 0, kMiddle) == doctest::Approx(2));
}
