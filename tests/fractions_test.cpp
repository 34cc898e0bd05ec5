#include "base/fractions.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

using namespace conv;

namespace {

CommonFractions fractions_of(const std::vector<double>& numbers) {
    return common_fractions(numbers).value_or(CommonFractions{});
}

}  // namespace

TEST_CASE("fractions: whole numbers, decimals and quotients are found as written") {
    CHECK(fractions_of({0, -1, 5}).denominator == 1);
    CHECK(fractions_of({0.1, 0.25, -0.3}).denominator == 20);
    CHECK(fractions_of({0.1, 0.25, -0.3}).numerators == std::vector<std::int32_t>{2, 5, -6});
    CHECK(fractions_of({1.0 / 9, 2.0 / 9, 3.0 / 9}).denominator == 9);
    CHECK(fractions_of({1.0 / 273, 26.0 / 273}).numerators == std::vector<std::int32_t>{1, 26});
    CHECK(fractions_of({1e-6, 0.999999}).denominator == 1000000);
}

TEST_CASE("fractions: a few roundings on the way do not hide them") {
    std::mt19937 generator(3);
    std::uniform_int_distribution<int> numerator(-30000, 30000), denominator(1, 70000);
    for (int i = 0; i < 2000; ++i) {
        const int below = denominator(generator);
        const double scale = 1.0 / below;
        std::vector<double> numbers;
        std::vector<int> above;
        for (int j = 0; j < 5; ++j) {
            above.push_back(numerator(generator));
            numbers.push_back(above.back() * scale * 3 / 3);
        }
        const CommonFractions found = fractions_of(numbers);
        REQUIRE(found.denominator != 0);
        CHECK(below % found.denominator == 0);
        for (std::size_t j = 0; j < above.size(); ++j) {
            CHECK(found.numerators[j] * std::int64_t{below} == above[j] * found.denominator);
        }
    }
}

TEST_CASE("fractions: irrational numbers, floats of decimals and large numerators have none") {
    CHECK_FALSE(common_fractions(std::vector<double>{std::sqrt(2.0), 1}));
    CHECK_FALSE(common_fractions(std::vector<double>{double{0.1F}, double{0.2F}}));
    CHECK_FALSE(common_fractions(std::vector<double>{3e9}));
    CHECK_FALSE(common_fractions(std::vector<double>{0x1p-25}));
    CHECK(common_fractions(std::vector<double>{}));
}
