#include "cpu/separable/low_rank.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace conv {
namespace {

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

void add_scaled(Vector& to, double factor, const Vector& from) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] += factor * from[i];
}

double absolute_sum(const Vector& values) {
    return std::accumulate(values.begin(), values.end(), 0.0,
                           [](double sum, double x) { return sum + std::abs(x); });
}

/// A small dense matrix, as rows.
using Matrix = std::vector<Vector>;

Vector column_of(const Matrix& a, std::size_t s) {
    Vector column;
    for (const Vector& row : a) column.push_back(row[s]);
    return column;
}

double absolute_sum(const Matrix& a) {
    return std::accumulate(a.begin(), a.end(), 0.0,
                           [](double sum, const Vector& row) { return sum + absolute_sum(row); });
}

/// a -= column * row^T
void subtract_product(Matrix& a, const Vector& column, const Vector& row) {
    for (std::size_t r = 0; r < a.size(); ++r) add_scaled(a[r], -column[r], row);
}

/// Terms of a sum of products, before they are rounded.
struct Terms {
    Matrix columns, rows;
};

/// Takes the largest entry's cross out of `rest`; its column joins an orthonormal basis of the
/// column space. False when the column lies in the space already.
bool eliminate(Matrix& rest, Matrix& basis) {
    std::size_t pivot_r = 0, pivot_s = 0;
    for (std::size_t r = 0; r < rest.size(); ++r) {
        for (std::size_t s = 0; s < rest[r].size(); ++s) {
            if (std::abs(rest[r][s]) > std::abs(rest[pivot_r][pivot_s])) pivot_r = r, pivot_s = s;
        }
    }
    Vector column = column_of(rest, pivot_s);
    Vector row = rest[pivot_r];
    const double pivot = row[pivot_s];
    if (pivot == 0) return false;
    for (double& x : row) x /= pivot;
    subtract_product(rest, column, row);
    // Twice is enough (Kahan, Parlett): the second pass removes the rounding of the first.
    for (int pass = 0; pass < 2; ++pass) {
        for (const Vector& b : basis) add_scaled(column, -dot(column, b), b);
    }
    const double norm = std::sqrt(dot(column, column));
    if (norm == 0) return false;
    for (double& x : column) x /= norm;
    basis.push_back(std::move(column));
    return true;
}

/// Rotates two terms, which keeps their sum, so that their rows become orthogonal. False when they
/// are already.
bool rotate(Terms& terms, std::size_t i, std::size_t j) {
    constexpr double kOrthogonal = 1e-15;
    const double a = dot(terms.rows[i], terms.rows[i]), b = dot(terms.rows[j], terms.rows[j]);
    const double product = dot(terms.rows[i], terms.rows[j]);
    if (std::abs(product) <= kOrthogonal * std::sqrt(a * b)) return false;
    const double zeta = (b - a) / (2 * product);
    const double tangent = std::copysign(1.0, zeta) / (std::abs(zeta) + std::hypot(1.0, zeta));
    const double cosine = 1 / std::hypot(1.0, tangent), sine = cosine * tangent;
    for (Matrix* vectors : {&terms.columns, &terms.rows}) {
        Vector &x = (*vectors)[i], &y = (*vectors)[j];
        for (std::size_t n = 0; n < x.size(); ++n) {
            const double old = x[n];
            x[n] = cosine * old - sine * y[n];
            y[n] = sine * old + cosine * y[n];
        }
    }
    return true;
}

/// The singular terms of `kernel` within the space of `basis`: orthonormal columns, orthogonal
/// rows.
Terms singular_terms(const Matrix& kernel, const Matrix& basis) {
    constexpr int kMostSweeps = 30;  // convergence is quadratic: fewer than 10 are seen
    Terms terms{basis, Matrix(basis.size(), Vector(kernel.front().size()))};
    for (std::size_t i = 0; i < basis.size(); ++i) {
        for (std::size_t r = 0; r < kernel.size(); ++r) {
            add_scaled(terms.rows[i], basis[i][r], kernel[r]);
        }
    }
    bool rotated = true;
    for (int sweep = 0; rotated && sweep < kMostSweeps; ++sweep) {
        rotated = false;
        for (std::size_t i = 0; i < basis.size(); ++i) {
            for (std::size_t j = i + 1; j < basis.size(); ++j) rotated |= rotate(terms, i, j);
        }
    }
    return terms;
}

/// The greatest number that integers are multiples of; 1 where one of them is no integer.
double common_factor(const Vector& values) {
    constexpr double kLargest = 1 << 24;  // float32 holds every integer up to this
    std::int64_t factor = 0;
    for (const double x : values) {
        if (x != std::trunc(x) || std::abs(x) > kLargest) return 1;
        factor = std::gcd(factor, static_cast<std::int64_t>(x));
    }
    return std::max(static_cast<double>(factor), 1.0);
}

/// The one term of a kernel whose rows are multiples of its row with the smallest entry: small
/// integers where the kernel was written as a product of such.
Terms smallest_cross(const Matrix& kernel) {
    std::size_t pivot_r = 0, pivot_s = 0;
    double smallest = 0;
    for (std::size_t r = 0; r < kernel.size(); ++r) {
        for (std::size_t s = 0; s < kernel[r].size(); ++s) {
            const double size = std::abs(kernel[r][s]);
            if (size == 0 || (smallest != 0 && size >= smallest)) continue;
            smallest = size;
            pivot_r = r, pivot_s = s;
        }
    }
    Terms terms{{column_of(kernel, pivot_s)}, {kernel[pivot_r]}};
    if (smallest == 0) return terms;
    const double factor = common_factor(terms.rows[0]);
    for (double& x : terms.rows[0]) x /= factor;
    for (double& x : terms.columns[0]) x /= kernel[pivot_r][pivot_s] / factor;
    return terms;
}

/// Rounds the terms to float32. Columns are scaled by powers of two so that |column| <= 1.
LowRank rounded(const Terms& terms) {
    LowRank result;
    for (std::size_t i = 0; i < terms.columns.size(); ++i) {
        const double size = absolute_sum(terms.columns[i]);
        int exponent = 0;
        if (size > 0) std::frexp(size, &exponent);
        auto& column = result.columns.emplace_back();
        auto& row = result.rows.emplace_back();
        for (const double x : terms.columns[i]) {
            column.push_back(static_cast<float>(std::ldexp(x, -exponent)));
        }
        for (const double x : terms.rows[i]) {
            row.push_back(static_cast<float>(std::ldexp(x, exponent)));
        }
        result.magnitude +=
            std::ldexp(size, -exponent) * std::ldexp(absolute_sum(terms.rows[i]), exponent);
    }
    return result;
}

/// Sum of |kernel - terms|, with the terms as rounded.
double defect(Matrix kernel, const LowRank& terms) {
    for (std::size_t i = 0; i < terms.columns.size(); ++i) {
        subtract_product(kernel, {terms.columns[i].begin(), terms.columns[i].end()},
                         {terms.rows[i].begin(), terms.rows[i].end()});
    }
    return absolute_sum(kernel);
}

}  // namespace

std::optional<LowRank> factor_kernel(const float* kernel, std::int64_t R, std::int64_t S,
                                     std::int64_t most) {
    Matrix matrix;
    for (std::int64_t r = 0; r < R; ++r) matrix.emplace_back(kernel + r * S, kernel + (r + 1) * S);
    const double tolerance = kLowRankTolerance * absolute_sum(matrix);
    LowRank exact = rounded(smallest_cross(matrix));
    if (defect(matrix, exact) == 0) return exact;

    Matrix rest = matrix, basis;
    for (std::int64_t rank = 1; rank <= most; ++rank) {
        if (!eliminate(rest, basis)) return std::nullopt;
        // A residual of pivoted elimination is near the singular one, not below it.
        constexpr double kSlack = 16;
        if (absolute_sum(rest) > kSlack * tolerance) continue;
        LowRank result = rounded(singular_terms(matrix, basis));
        if (defect(matrix, result) <= tolerance) return result;
    }
    return std::nullopt;
}

}  // namespace conv
