#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>

#include "kernels/analysis.hpp"

namespace conv {
namespace {

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

void rotate(Vector& a, Vector& b, double cosine, double sine) {
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double old = a[i];
        a[i] = cosine * old - sine * b[i];
        b[i] = sine * old + cosine * b[i];
    }
}

/// Makes a and b orthogonal; false where they already are.
bool orthogonalise(Vector& a, Vector& b, Vector& turn_a, Vector& turn_b) {
    constexpr double kOrthogonal = 1e-15;
    const double aa = dot(a, a), bb = dot(b, b), ab = dot(a, b);
    if (std::abs(ab) <= kOrthogonal * std::sqrt(aa * bb)) return false;
    const double zeta = (bb - aa) / (2 * ab);
    const double tangent = std::copysign(1.0, zeta) / (std::abs(zeta) + std::hypot(1.0, zeta));
    const double cosine = 1 / std::hypot(1.0, tangent);
    rotate(a, b, cosine, cosine * tangent);
    rotate(turn_a, turn_b, cosine, cosine * tangent);
    return true;
}

/// Turns the vectors until every two are orthogonal; `turns` takes the same rotations.
void orthogonalise_all(std::vector<Vector>& vectors, std::vector<Vector>& turns) {
    constexpr int kMostSweeps = 60;  // convergence is quadratic: 6 to 10 sweeps are usual
    bool changed = true;
    for (int sweep = 0; sweep < kMostSweeps && changed; ++sweep) {
        changed = false;
        for (std::size_t i = 0; i + 1 < vectors.size(); ++i) {
            for (std::size_t j = i + 1; j < vectors.size(); ++j) {
                if (orthogonalise(vectors[i], vectors[j], turns[i], turns[j])) changed = true;
            }
        }
    }
}

Vector scaled(const Vector& vector, double factor) {
    Vector result = vector;
    for (double& value : result) value *= factor;
    return result;
}

void add_scaled(Vector& target, const Vector& vector, double factor) {
    for (std::size_t i = 0; i < target.size(); ++i) target[i] += factor * vector[i];
}

/// The terms so far: the sum of columns[i] * rows[i]^T, with orthonormal columns.
struct Factors {
    std::vector<Vector> columns, rows;
    double rest = 0;  ///< norm of what they leave
};

/// The matrix's columns, divided by `unit`.
std::vector<Vector> columns_of(const std::vector<double>& matrix, std::size_t R, std::size_t S,
                               double unit) {
    std::vector<Vector> columns(S, Vector(R));
    for (std::size_t s = 0; s < S; ++s) {
        for (std::size_t r = 0; r < R; ++r) columns[s][r] = matrix[r * S + s] / unit;
    }
    return columns;
}

/// The direction of `column`, made orthogonal to `earlier` once more against rounding.
Vector unit_vector(const Vector& column, const std::vector<Vector>& earlier) {
    Vector direction = scaled(column, 1 / std::sqrt(dot(column, column)));
    for (const Vector& other : earlier) add_scaled(direction, other, -dot(direction, other));
    return scaled(direction, 1 / std::sqrt(dot(direction, direction)));
}

struct ColumnNorms {
    std::size_t pivot = 0;        ///< the largest column
    double largest = 0, sum = 0;  ///< squared
};

ColumnNorms measure(const std::vector<Vector>& columns) {
    ColumnNorms norms;
    for (std::size_t s = 0; s < columns.size(); ++s) {
        const double squared = dot(columns[s], columns[s]);
        norms.sum += squared;
        if (squared <= norms.largest) continue;
        norms.largest = squared;
        norms.pivot = s;
    }
    return norms;
}

/// Takes the largest column's direction out of all columns until what is left is rounding.
Factors orthogonal_factors(std::vector<Vector> columns, std::size_t most_terms) {
    constexpr double kRounding = 1e-13;
    Factors factors;
    ColumnNorms norms = measure(columns);
    const double negligible = kRounding * kRounding * norms.largest;
    while (norms.largest > negligible && factors.columns.size() < most_terms) {
        const Vector direction = unit_vector(columns[norms.pivot], factors.columns);
        Vector row;
        for (Vector& column : columns) {
            row.push_back(dot(column, direction));
            add_scaled(column, direction, -row.back());
        }
        factors.columns.push_back(direction);
        factors.rows.push_back(std::move(row));
        norms = measure(columns);
    }
    if (norms.largest > negligible) factors.rest = std::sqrt(norms.sum);
    return factors;
}

/// Terms looked for before a matrix counts as one of high rank: bounds the time for large ones.
std::size_t most_terms(std::int64_t cells) {
    constexpr std::int64_t kBudget = std::int64_t{1} << 28, kFewest = 16, kMost = 128;
    return static_cast<std::size_t>(std::clamp(kBudget / cells, kFewest, kMost));
}

}  // namespace

Decomposition decompose(const std::vector<double>& matrix, std::int64_t R, std::int64_t S) {
    double largest = 0;
    for (const double value : matrix) largest = std::max(largest, std::abs(value));
    const double unit = largest > 0 ? largest : 1;  // keeps squares from overflow and underflow
    Factors factors = orthogonal_factors(
        columns_of(matrix, static_cast<std::size_t>(R), static_cast<std::size_t>(S), unit),
        most_terms(R * S));
    orthogonalise_all(factors.rows, factors.columns);

    Vector norms;
    for (const Vector& row : factors.rows) norms.push_back(std::sqrt(dot(row, row)));
    std::vector<std::size_t> order(norms.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return norms[a] > norms[b]; });
    Decomposition result;
    result.rest = factors.rest * unit;
    for (const std::size_t i : order) {
        const double root = std::sqrt(norms[i] * unit);
        result.singular_values.push_back(norms[i] * unit);
        result.columns.push_back(scaled(factors.columns[i], root));
        result.rows.push_back(scaled(factors.rows[i], root / norms[i]));
    }
    return result;
}

int numerical_rank(const std::vector<double>& singular_values, double tolerance) {
    const double largest = singular_values.empty() ? 0 : singular_values.front();
    return static_cast<int>(
        std::count_if(singular_values.begin(), singular_values.end(),
                      [&](double value) { return value > tolerance * largest; }));
}

}  // namespace conv
