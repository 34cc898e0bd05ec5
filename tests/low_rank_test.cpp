#include "cpu/separable/low_rank.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <tuple>

using namespace conv;

namespace {

/// A sum of `rank` random products, rounded to float.
std::vector<float> random_kernel(std::int64_t R, std::int64_t S, std::int64_t rank, unsigned seed) {
    std::mt19937 generator(seed);
    std::uniform_real_distribution<double> uniform(-1.0, 1.0);
    std::vector<double> sum(static_cast<std::size_t>(R * S));
    for (std::int64_t i = 0; i < rank; ++i) {
        std::vector<double> column(static_cast<std::size_t>(R)), row(static_cast<std::size_t>(S));
        for (double& x : column) x = uniform(generator);
        for (double& x : row) x = uniform(generator);
        for (std::size_t at = 0; at < sum.size(); ++at) {
            sum[at] += column[at / row.size()] * row[at % row.size()];
        }
    }
    return {sum.begin(), sum.end()};
}

std::vector<float> gaussian(std::int64_t size, double sigma) {
    std::vector<float> kernel;
    const double centre = static_cast<double>(size - 1) / 2;
    for (std::int64_t i = 0; i < size * size; ++i) {
        const double r = static_cast<double>(i / size) - centre;
        const double s = static_cast<double>(i % size) - centre;
        kernel.push_back(static_cast<float>(std::exp(-(r * r + s * s) / (2 * sigma * sigma))));
    }
    return kernel;
}

/// Sum of |kernel - factors| over sum of |kernel|.
double relative_defect(const std::vector<float>& kernel, const LowRank& factors) {
    double defect = 0, size = 0;
    const std::size_t S = factors.rows.front().size();
    for (std::size_t at = 0; at < kernel.size(); ++at) {
        double sum = 0;
        for (std::size_t i = 0; i < factors.rows.size(); ++i) {
            sum += double{factors.columns[i][at / S]} * double{factors.rows[i][at % S]};
        }
        defect += std::abs(double{kernel[at]} - sum);
        size += std::abs(double{kernel[at]});
    }
    return size > 0 ? defect / size : defect;
}

}  // namespace

TEST_CASE("low rank: the rank of a sum of products is found, and none below it suffices") {
    for (const auto& size :
         {std::pair<std::int64_t, std::int64_t>{5, 5}, {9, 6}, {4, 31}, {40, 7}}) {
        const auto R = size.first, S = size.second;
        for (std::int64_t rank = 1; rank <= 4; ++rank) {
            CAPTURE(R);
            CAPTURE(S);
            CAPTURE(rank);
            for (unsigned seed = 1; seed <= 20; ++seed) {
                const auto kernel = random_kernel(R, S, rank, seed);
                CHECK_FALSE(factor_kernel(kernel.data(), R, S, rank - 1).has_value());
                const auto factors = factor_kernel(kernel.data(), R, S, 4);
                REQUIRE(factors.has_value());
                CHECK(factors->rank() == rank);
                CHECK(relative_defect(kernel, *factors) <= kLowRankTolerance);
            }
        }
    }
}

TEST_CASE("low rank: a Gaussian is one product, its tails below float32 included") {
    for (const auto& gauss :
         {std::pair<std::int64_t, double>{3, 0.5}, {5, 1.1}, {31, 1.0}, {51, 8.5}, {101, 20}}) {
        const std::int64_t size = gauss.first;
        const double sigma = gauss.second;
        CAPTURE(size);
        const auto kernel = gaussian(size, sigma);
        const auto factors = factor_kernel(kernel.data(), size, size, 1);
        REQUIRE(factors.has_value());
        CHECK(relative_defect(kernel, *factors) <= kLowRankTolerance);
        double size_of_kernel = 0;
        for (const float x : kernel) size_of_kernel += std::abs(double{x});
        CHECK(factors->magnitude == doctest::Approx(size_of_kernel).epsilon(1e-6));
    }
}

TEST_CASE("low rank: products of small integers are factored exactly") {
    const std::vector<float> sobel = {-1, 0, 1, -2, 0, 2, -1, 0, 1};
    const std::vector<float> binomial = {1, 4, 6, 4, 16, 24, 6, 24, 36, 4, 16, 24, 1, 4, 6};
    const std::vector<float> scharr = {-3, 0, 3, -10, 0, 10, -3, 0, 3};
    for (const auto& [kernel, R, S] :
         {std::tuple{sobel, 3, 3}, std::tuple{binomial, 5, 3}, std::tuple{scharr, 3, 3}}) {
        const auto factors = factor_kernel(kernel.data(), R, S, 1);
        REQUIRE(factors.has_value());
        CHECK(relative_defect(kernel, *factors) == 0);
    }
}

TEST_CASE("low rank: columns add up to at most one, so that no intermediate result overflows") {
    std::vector<float> kernel = random_kernel(7, 7, 2, 1);
    for (float& x : kernel) x *= 1e30F;
    const auto factors = factor_kernel(kernel.data(), 7, 7, 3);
    REQUIRE(factors.has_value());
    for (const auto& column : factors->columns) {
        double sum = 0;
        for (const float x : column) sum += std::abs(double{x});
        CHECK(sum <= 1);
    }
}

TEST_CASE("low rank: a kernel of zeros is one term of zeros") {
    const std::vector<float> zeros(15);
    const auto factors = factor_kernel(zeros.data(), 3, 5, 1);
    REQUIRE(factors.has_value());
    CHECK(factors->rank() == 1);
    CHECK(relative_defect(zeros, *factors) == 0);
}

TEST_CASE("low rank: noise has no low rank") {
    const auto kernel = random_kernel(15, 15, 15, 3);
    CHECK_FALSE(factor_kernel(kernel.data(), 15, 15, 7).has_value());
}
