#include "lowering/lowering.hpp"

#include <cassert>

#include "base/size.hpp"
#include "tensor/border.hpp"

namespace conv {
namespace {

/// Padded row i of channel c of the group, as every window reads it: padded_width numbers.
class PaddedPicture {
public:
    PaddedPicture(const Problem& problem, const Source& src, std::int64_t n, std::int64_t g)
        : p_(problem), src_(src), n_(n), first_channel_(g * problem.group_channels()) {}

    /// Copies padded row `i` of channel `c` into `out`.
    void read(std::int64_t c, std::int64_t i, double* out) {
        row_.resize(static_cast<std::size_t>(p_.padded_width() * src_.shape.N));
        pad_row(src_, p_.border, first_channel_ + c, i - p_.padding.top, -p_.padding.left,
                p_.padded_width(), row_.data());
        for (std::int64_t x = 0; x < p_.padded_width(); ++x) {
            out[x] = static_cast<double>(row_[static_cast<std::size_t>(x * src_.shape.N + n_)]);
        }
    }

private:
    const Problem& p_;
    const Source& src_;
    std::int64_t n_, first_channel_;
    std::vector<float> row_;
};

/// Calls body(k, c, r, s, weight) for every weight of group g.
template <typename Body>
void for_each_weight(const Problem& p, std::span<const float> weights, std::int64_t g,
                     const Body& body) {
    std::int64_t at = g * p.group_kernels() * p.group_channels() * p.R * p.S;
    for (std::int64_t k = 0; k < p.group_kernels(); ++k) {
        for (std::int64_t c = 0; c < p.group_channels(); ++c) {
            for (std::int64_t r = 0; r < p.R; ++r) {
                for (std::int64_t s = 0; s < p.S; ++s, ++at) {
                    body(k, c, r, s, static_cast<double>(weights[static_cast<std::size_t>(at)]));
                }
            }
        }
    }
}

}  // namespace

Matrix::Matrix(std::int64_t row_count, std::int64_t column_count)
    : rows(row_count), columns(column_count) {
    checked_product({rows, columns, sizeof(double)}, "the matrix");
    values.resize(static_cast<std::size_t>(rows * columns));
}

Matrix product(const Matrix& a, const Matrix& b) {
    assert(a.columns == b.rows);
    Matrix c(a.rows, b.columns);
    for (std::int64_t i = 0; i < a.rows; ++i) {
        for (std::int64_t l = 0; l < a.columns; ++l) {
            for (std::int64_t j = 0; j < b.columns; ++j) c(i, j) += a(i, l) * b(l, j);
        }
    }
    return c;
}

Matrix reshaped(Matrix matrix, std::int64_t rows, std::int64_t columns) {
    assert(matrix.rows * matrix.columns == rows * columns);
    matrix.rows = rows;
    matrix.columns = columns;
    return matrix;
}

Matrix weight_matrix(const Problem& p, std::span<const float> weights, std::int64_t g) {
    Matrix matrix(p.group_kernels(), p.group_channels() * p.R * p.S);
    for_each_weight(p, weights, g,
                    [&](std::int64_t k, std::int64_t c, std::int64_t r, std::int64_t s,
                        double weight) { matrix(k, (c * p.R + r) * p.S + s) = weight; });
    return matrix;
}

Matrix column_matrix(const Problem& p, const Source& src, std::int64_t n, std::int64_t g) {
    Matrix matrix(p.group_channels() * p.R * p.S, p.P() * p.Q());
    PaddedPicture padded(p, src, n, g);
    std::vector<double> row(static_cast<std::size_t>(p.padded_width()));
    for (std::int64_t c = 0; c < p.group_channels(); ++c) {
        for (std::int64_t r = 0; r < p.R; ++r) {
            for (std::int64_t y = 0; y < p.P(); ++y) {
                padded.read(c, y * p.stride_h + r * p.dilation_h, row.data());
                for (std::int64_t s = 0; s < p.S; ++s) {
                    for (std::int64_t x = 0; x < p.Q(); ++x) {
                        matrix((c * p.R + r) * p.S + s, y * p.Q() + x) =
                            row[static_cast<std::size_t>(x * p.stride_w + s * p.dilation_w)];
                    }
                }
            }
        }
    }
    return matrix;
}

ToeplitzLowering toeplitz_lowering(const Problem& p, const LoweredPart& part) {
    const std::int64_t P = p.P(), Q = p.Q();
    ToeplitzLowering lowering{Matrix(p.group_kernels() * P * Q, p.group_channels() * p.H * p.W),
                              Matrix(p.group_kernels() * P * Q, 1)};
    const auto place = [&](std::int64_t k, std::int64_t c, std::int64_t r, std::int64_t s,
                           double weight) {
        const std::int64_t channel = part.g * p.group_channels() + c;
        const auto outside =
            static_cast<double>(constant_value(p.border, part.src, part.n, channel));
        for (std::int64_t i = 0; i < P * Q; ++i) {
            const std::int64_t y = i / Q * p.stride_h + r * p.dilation_h - p.padding.top;
            const std::int64_t x = i % Q * p.stride_w + s * p.dilation_w - p.padding.left;
            const std::int64_t h = border_index(p.border.mode, y, p.H);
            const std::int64_t w = border_index(p.border.mode, x, p.W);
            if (h < 0 || w < 0) {
                lowering.constant(k * P * Q + i, 0) += weight * outside;
            } else {
                lowering.matrix(k * P * Q + i, (c * p.H + h) * p.W + w) += weight;
            }
        }
    };
    for_each_weight(p, part.weights, part.g, place);
    return lowering;
}

Matrix picture_vector(const Problem& p, const Source& src, std::int64_t n, std::int64_t g) {
    Matrix vector(p.group_channels() * p.H * p.W, 1);
    for (std::int64_t i = 0; i < vector.rows; ++i) {
        const std::int64_t c = g * p.group_channels() + i / (p.H * p.W);
        vector(i, 0) = static_cast<double>(src.at(n, c, i / p.W % p.H, i % p.W));
    }
    return vector;
}

RowLowering row_lowering(const Problem& p, const LoweredPart& part, RowRange rows) {
    const std::int64_t channels = p.group_channels(), maps = p.group_kernels();
    const std::int64_t line_count = p.padded_rows(rows.count) * channels;
    RowLowering lowering{
        rows, std::vector<Matrix>(static_cast<std::size_t>(p.S), {rows.count * maps, line_count}),
        Matrix(line_count, p.padded_width())};
    for_each_weight(
        p, part.weights, part.g,
        [&](std::int64_t k, std::int64_t c, std::int64_t r, std::int64_t s, double weight) {
            Matrix& tap = lowering.taps[static_cast<std::size_t>(s)];
            for (std::int64_t t = 0; t < rows.count; ++t) {
                const std::int64_t line = t * p.stride_h + r * p.dilation_h;
                tap(t * maps + k, line * channels + c) = weight;
            }
        });
    PaddedPicture padded(p, part.src, part.n, part.g);
    for (std::int64_t i = 0; i < line_count; ++i) {
        padded.read(i % channels, rows.first * p.stride_h + i / channels, &lowering.lines(i, 0));
    }
    return lowering;
}

Matrix tap_lines(const Problem& p, const RowLowering& lowering, std::int64_t s) {
    Matrix matrix(lowering.lines.rows, p.Q());
    for (std::int64_t i = 0; i < matrix.rows; ++i) {
        for (std::int64_t q = 0; q < matrix.columns; ++q) {
            matrix(i, q) = lowering.lines(i, q * p.stride_w + s * p.dilation_w);
        }
    }
    return matrix;
}

}  // namespace conv
