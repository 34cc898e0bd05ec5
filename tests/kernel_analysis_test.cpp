#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "kernels/analysis.hpp"
#include "kernels/builtin.hpp"
#include "kernels/kernel_text.hpp"

namespace {

conv::KernelProperties analyse(const std::string& text) {
    const auto kernels = conv::is_builtin_reference(text) ? conv::make_builtin(text)
                                                          : conv::parse_kernel_text(text, "k");
    return conv::analyse_kernel(kernels.front());
}

/// Largest difference between a matrix and the sum of its terms.
double residual(const std::vector<double>& matrix, std::size_t R, std::size_t S,
                const conv::Decomposition& parts) {
    double largest = 0;
    for (std::size_t r = 0; r < R; ++r)
        for (std::size_t s = 0; s < S; ++s) {
            double value = 0;
            for (std::size_t i = 0; i < parts.rows.size(); ++i)
                value += parts.columns[i][r] * parts.rows[i][s];
            largest = std::max(largest, std::fabs(value - matrix[r * S + s]));
        }
    return largest;
}

std::vector<double> pseudo_random(std::size_t count) {
    std::vector<double> values;
    std::uint64_t state = 1;
    for (std::size_t i = 0; i < count; ++i) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        values.push_back(static_cast<double>(state >> 40) / 16777216.0 - 0.5);
    }
    return values;
}

}  // namespace

TEST_CASE("analysis: separable kernels have rank 1") {
    for (const char* text : {"gaussian:sigma=3", "box", "binomial:size=9", "sobel",
                             "scharr:direction=y", "1 2 3", "1; 2; 3", "shift:x=2,y=1"}) {
        CAPTURE(text);
        CHECK(analyse(text).rank == 1);
        CHECK(analyse(text).separable);
    }
}

TEST_CASE("analysis: other kernels have the rank of their matrix") {
    CHECK(analyse("laplacian").rank == 2);
    CHECK(analyse("sharpen").rank == 2);
    CHECK(analyse("log:sigma=2").rank == 2);
    CHECK(analyse("1 0 0; 0 1 0; 0 0 1").rank == 3);
    CHECK(analyse("log:sigma=60").rank == 2);  // 481 x 481, and its rounding has full rank
    CHECK(analyse("disk:radius=100").rank > 20);
    CHECK(!analyse("laplacian").separable);
    CHECK(analyse("0 0; 0 0").rank == 0);
    CHECK(analyse("1e-300 0; 0 1e-300").rank == 2);
    CHECK(analyse("1e300 0; 0 1e300").rank == 2);
}

TEST_CASE("analysis: a singular value below 1e-6 of the largest does not count") {
    CHECK(analyse("1 0; 0 1e-5").rank == 2);
    CHECK(analyse("1 0; 0 1e-7").rank == 1);
}

TEST_CASE("analysis: a bank has the largest rank of its planes") {
    CHECK(analyse("shape: 2 2 2\n1 1\n1 1\n\n1 0\n0 1").rank == 2);
}

TEST_CASE("analysis: sums count the scale, and zero sums are told apart") {
    const conv::KernelProperties box = analyse("scale: 1/9\n1 1 1\n1 1 1\n1 1 1");
    CHECK(box.sum == doctest::Approx(1));
    CHECK(box.maximum == 1.0 / 9);
    CHECK(box.integers);
    CHECK(!box.zero_sum);
    const conv::KernelProperties sobel = analyse("sobel");
    CHECK(sobel.zero_sum);
    CHECK(sobel.absolute_sum == 8);
    CHECK(sobel.minimum == -2);
    CHECK(analyse("1 -1.000001").zero_sum);
    CHECK(!analyse("1 -1.00001").zero_sum);
    CHECK(!analyse("0.5 1").integers);
}

TEST_CASE("analysis: point symmetry makes correlation and convolution the same") {
    CHECK(analyse("gaussian:size=4").point_symmetric);
    CHECK(analyse("disk:radius=3.3").point_symmetric);
    CHECK(analyse("1 2 3; 4 5 4; 3 2 1").point_symmetric);
    CHECK(!analyse("sobel").point_symmetric);
    CHECK(!analyse("1 2").point_symmetric);
}

TEST_CASE("decomposition: the terms add up to the matrix, in falling order, for any shape") {
    const std::size_t shapes[][2] = {{1, 1}, {1, 7}, {7, 1}, {3, 3}, {5, 9}, {9, 5}, {40, 33}};
    for (const auto& shape : shapes) {
        const std::size_t R = shape[0], S = shape[1];
        CAPTURE(R);
        CAPTURE(S);
        const auto matrix = pseudo_random(R * S);
        const auto parts =
            conv::decompose(matrix, static_cast<std::int64_t>(R), static_cast<std::int64_t>(S));
        CHECK(parts.rest == 0);
        CHECK(parts.singular_values.size() == std::min(R, S));
        CHECK(residual(matrix, R, S, parts) < 1e-13);
        double squares = 0, from_values = 0;
        for (const double value : matrix) squares += value * value;
        for (std::size_t i = 0; i < parts.singular_values.size(); ++i) {
            if (i > 0) CHECK(parts.singular_values[i] <= parts.singular_values[i - 1]);
            from_values += parts.singular_values[i] * parts.singular_values[i];
        }
        CHECK(from_values == doctest::Approx(squares).epsilon(1e-12));
    }
}

TEST_CASE("decomposition: known singular values") {
    const auto parts = conv::decompose({3, 0, 4, 5}, 2, 2);
    REQUIRE(parts.singular_values.size() == 2);
    CHECK(parts.singular_values[0] == doctest::Approx(std::sqrt(45.0)));
    CHECK(parts.singular_values[1] == doctest::Approx(std::sqrt(5.0)));
}

TEST_CASE("decomposition: a matrix of high rank is given up after 128 terms") {
    const auto matrix = pseudo_random(200 * 150);
    const auto parts = conv::decompose(matrix, 200, 150);
    CHECK(parts.rest > 0.1);
    CHECK(parts.singular_values.size() == 128);
}
