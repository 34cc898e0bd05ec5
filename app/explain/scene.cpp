#include "explain/scene.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "explain/sheet.hpp"
#include "text/text_table.hpp"

namespace conv {

Scene::Scene(const Explanation& explanation)
    : e(explanation),
      p(e.problem),
      row((p.P() - 1) / 2),
      column(p.Q() / 2),
      weights(weight_matrix(p, e.bank.values, 0)),
      columns(column_matrix(p, e.source.source, 0, 0)),
      result(product(weights, columns)) {
    for (std::int64_t c = 0; c < p.group_channels(); ++c) {
        planes.push_back(plane(c));
        squares.push_back(square(c));
    }
    for (std::int64_t k = 0; k < p.group_kernels(); ++k) maps.push_back(map(k));
}

/// Channel c with its border in grey, the marked output's window standing out.
MatrixDrawing Scene::plane(std::int64_t c) const {
    MatrixDrawing d;
    d.caption = p.group_channels() > 1 ? fmt::format("channel {}", c) : "picture";
    d.sizes = fmt::format("H × W = {} × {}{}", p.H, p.W,
                          p.padding == Padding{} ? "" : ", grey: " + format_border(p.border));
    d.values = Matrix(std::max(p.padded_rows(p.P()), p.padding.top + p.H),
                      std::max(p.padded_width(), p.padding.left + p.W));
    std::vector<float> samples(
        static_cast<std::size_t>(d.values.columns * e.source.source.shape.N));
    for (std::int64_t i = 0; i < d.values.rows; ++i) {
        const std::int64_t h = i - p.padding.top;
        pad_row(e.source.source, p.border, c, h, -p.padding.left, d.values.columns, samples.data());
        for (std::int64_t j = 0; j < d.values.columns; ++j) {
            const std::int64_t w = j - p.padding.left;
            d.values(i, j) =
                static_cast<double>(samples[static_cast<std::size_t>(j * e.source.source.shape.N)]);
            d.faint.push_back(h < 0 || h >= p.H || w < 0 || w >= p.W);
        }
    }
    for (std::int64_t i = 0; i < p.R * p.S; ++i) {
        d.mark(row * p.stride_h + i / p.S * p.dilation_h,
               column * p.stride_w + i % p.S * p.dilation_w);
    }
    d.fit();
    return d;
}

/// The first kernel's channel c.
MatrixDrawing Scene::square(std::int64_t c) const {
    MatrixDrawing d;
    d.caption = p.group_kernels() > 1 ? "kernel 0" : "kernel";
    if (p.group_channels() > 1) d.caption += fmt::format(", channel {}", c);
    d.sizes = fmt::format("R × S = {} × {}", p.R, p.S);
    d.values = Matrix(p.R, p.S);
    std::copy_n(weights.values.begin() + c * p.R * p.S, p.R * p.S, d.values.values.begin());
    d.tint = kKernelTint;
    d.fit();
    return d;
}

MatrixDrawing Scene::map(std::int64_t k) const {
    MatrixDrawing d;
    d.caption = p.group_kernels() > 1 ? fmt::format("result {}", k) : "result";
    d.sizes = fmt::format("P × Q = {} × {}", p.P(), p.Q());
    d.values = Matrix(p.P(), p.Q());
    std::copy_n(result.values.begin() + k * result.columns, result.columns,
                d.values.values.begin());
    if (!e.bias().empty()) {
        d.sizes += fmt::format(", bias {:g} added", e.bias()[static_cast<std::size_t>(k)]);
        for (double& value : d.values.values) {
            value += static_cast<double>(e.bias()[static_cast<std::size_t>(k)]);
        }
    }
    if (k == 0) d.mark(row, column);
    d.fit();
    return d;
}

std::string Scene::sum(double width) const {
    std::string text = short_number(result(0, output())) + " =";
    for (std::int64_t i = 0; i < weights.columns; ++i) {
        const double weight = weights(0, i);
        const std::string term =
            fmt::format(" {}{}×{}", weight < 0 ? "- " : (i == 0 ? "" : "+ "),
                        short_number(std::abs(weight)), short_number(columns(i, output())));
        if (text_width(text + term + " + ...", kSumLetters) > width) return text + " + ...";
        text += term;
    }
    return text;
}

std::vector<MatrixDrawing> Scene::operands() const {
    std::vector<MatrixDrawing> all = planes;
    all.insert(all.end(), squares.begin(), squares.end());
    return all;
}

}  // namespace conv
