#include "lowering/lowering.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "cpu/naive.hpp"
#include "cpu/tile/builtin_profile.hpp"
#include "support/problems.hpp"

using namespace conv;

namespace {

/// Whole numbers, so that every sum is exact in any order.
std::vector<float> whole_numbers(std::int64_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_int_distribution<int> value(-9, 9);
    std::vector<float> numbers(static_cast<std::size_t>(count));
    for (float& x : numbers) x = static_cast<float>(value(random));
    return numbers;
}

struct LoweringOperands {
    Problem problem;
    std::vector<float> samples, weights, expected;
    Source src;

    explicit LoweringOperands(const Problem& p)
        : problem(p),
          samples(whole_numbers(p.N * p.C * p.H * p.W, 1)),
          weights(whole_numbers(p.weight_count(), 2)),
          expected(static_cast<std::size_t>(p.N * p.K * p.P() * p.Q())),
          src(TensorView<const float>{samples.data(), p.src_shape(),
                                      planar_strides(p.src_shape())}) {
        const Problem each = p.with_batch(1);
        const Plan plan = naive_method(builtin_profile()).offer(each, {weights, {}}).prepare();
        const TensorView<float> dst{expected.data(), p.dst_shape(), planar_strides(p.dst_shape())};
        for (std::int64_t n = 0; n < p.N; ++n) {
            plan.run(src.batch(n, 1), {0, p.P()}, dst.batch(n, 1), nullptr);
        }
    }

    /// The naive result of picture n and group g, K/G x (P*Q).
    Matrix result(std::int64_t n, std::int64_t g) const {
        Matrix matrix(problem.group_kernels(), problem.P() * problem.Q());
        const std::int64_t first = (n * problem.K + g * problem.group_kernels()) * matrix.columns;
        for (std::int64_t i = 0; i < matrix.rows * matrix.columns; ++i) {
            matrix.values[static_cast<std::size_t>(i)] =
                static_cast<double>(expected[static_cast<std::size_t>(first + i)]);
        }
        return matrix;
    }
};

bool small(const Problem& p) {
    return p.macs() < 3e6 &&
           p.group_kernels() * p.P() * p.Q() * p.group_channels() * p.H * p.W < 4'000'000;
}

/// Runs body(operands, n, g) for every small problem of the shared tables; returns how many.
template <typename Body>
int for_small_problems(const Body& body) {
    int count = 0;
    auto problems = test::named_problems();
    for (auto& problem : test::size_sweep()) problems.push_back(std::move(problem));
    for (const auto& named : problems) {
        const Problem& problem = named.problem;
        if (!small(problem)) continue;
        ++count;
        CAPTURE(named.name);
        CAPTURE(format_problem(problem));
        const LoweringOperands operands(problem);
        for (std::int64_t n = 0; n < problem.N; ++n) {
            for (std::int64_t g = 0; g < problem.groups; ++g) body(operands, n, g);
        }
    }
    return count;
}

}  // namespace

TEST_CASE("lowering: weights times the column matrix is the convolution") {
    const int count =
        for_small_problems([](const LoweringOperands& o, std::int64_t n, std::int64_t g) {
            const Matrix got = product(weight_matrix(o.problem, o.weights, g),
                                       column_matrix(o.problem, o.src, n, g));
            CHECK(got.values == o.result(n, g).values);
        });
    CHECK(count > 100);
}

TEST_CASE("lowering: the Toeplitz matrix times the picture is the convolution") {
    const int count = for_small_problems([](const LoweringOperands& o, std::int64_t n,
                                            std::int64_t g) {
        const ToeplitzLowering lowering = toeplitz_lowering(o.problem, {o.src, o.weights, n, g});
        Matrix got = product(lowering.matrix, picture_vector(o.problem, o.src, n, g));
        for (std::size_t i = 0; i < got.values.size(); ++i) {
            got.values[i] += lowering.constant.values[i];
        }
        CHECK(got.values == o.result(n, g).values);
    });
    CHECK(count > 100);
}

TEST_CASE("lowering: the row blocks sum to the convolution, for any number of rows together") {
    for (const std::int64_t together : {1, 3, 8}) {
        CAPTURE(together);
        const int count =
            for_small_problems([&](const LoweringOperands& o, std::int64_t n, std::int64_t g) {
                const Problem& p = o.problem;
                const Matrix expected = o.result(n, g);
                for (std::int64_t first = 0; first < p.P(); first += together) {
                    const RowRange rows{first, std::min(together, p.P() - first)};
                    const RowLowering lowering = row_lowering(p, {o.src, o.weights, n, g}, rows);
                    Matrix sum(rows.count * p.group_kernels(), p.Q());
                    for (std::int64_t s = 0; s < p.S; ++s) {
                        const Matrix part = product(lowering.taps[static_cast<std::size_t>(s)],
                                                    tap_lines(p, lowering, s));
                        for (std::size_t i = 0; i < sum.values.size(); ++i) {
                            sum.values[i] += part.values[i];
                        }
                    }
                    bool same = true;
                    for (std::int64_t i = 0; i < sum.rows; ++i) {
                        const std::int64_t row = first + i / p.group_kernels();
                        for (std::int64_t q = 0; q < p.Q(); ++q) {
                            same = same &&
                                   sum(i, q) == expected(i % p.group_kernels(), row * p.Q() + q);
                        }
                    }
                    CHECK(same);
                }
            });
        CHECK(count > 100);
    }
}

TEST_CASE("lowering: the textbook examples have the sizes of the texts") {
    const Problem plane = parse_problem("n1c1h3w3_k1r2s2");
    const Problem colour = parse_problem("n1c3h3w3_k1r2s2");
    const LoweringOperands a(plane), b(colour);
    const Matrix toeplitz = toeplitz_lowering(plane, {a.src, a.weights, 0, 0}).matrix;
    CHECK(toeplitz.rows == 4);
    CHECK(toeplitz.columns == 9);
    const Matrix columns = column_matrix(colour, b.src, 0, 0);
    CHECK(columns.rows == 12);
    CHECK(columns.columns == 4);
    CHECK(weight_matrix(colour, b.weights, 0).columns == 12);
}

TEST_CASE("lowering: every row of the Toeplitz matrix is the first one shifted") {
    const Problem p = parse_problem("n1c1h5w7_k1r2s3");
    const LoweringOperands o(p);
    const Matrix m = toeplitz_lowering(p, {o.src, o.weights, 0, 0}).matrix;
    for (std::int64_t i = 0; i < m.rows; ++i) {
        const std::int64_t shift = i / p.Q() * p.W + i % p.Q();
        for (std::int64_t j = 0; j < m.columns; ++j) {
            CHECK(m(i, j) == (j < shift ? 0 : m(0, j - shift)));
        }
    }
}
