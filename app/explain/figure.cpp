#include "explain/figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.hpp"
#include "drawing/canvas.hpp"
#include "explain/labelled_matrices.hpp"
#include "explain/matrix_drawing.hpp"
#include "explain/sheet.hpp"
#include "text/text_table.hpp"

namespace conv {
namespace {

std::vector<bool> zeros_of(const Matrix& of_ones) {
    std::vector<bool> zeros;
    for (const double value : of_ones.values) zeros.push_back(value == 0);
    return zeros;
}

/// What every figure shows: the picture, and the result as pictures, one output (p, q) marked.
struct Scene {
    const Explanation& e;
    const Problem& p;
    std::int64_t row, column;           ///< the marked output
    Matrix weights, columns, result;    ///< of the first channel and group
    std::vector<MatrixDrawing> planes;  ///< the padded picture, one for each channel
    std::vector<MatrixDrawing> maps;    ///< the result, one for each kernel

    explicit Scene(const Explanation& explanation)
        : e(explanation),
          p(e.problem),
          row((p.P() - 1) / 2),
          column(p.Q() / 2),
          weights(weight_matrix(p, e.bank.values, 0)),
          columns(column_matrix(p, e.source.source, 0, 0)),
          result(product(weights, columns)) {
        for (std::int64_t c = 0; c < p.group_channels(); ++c) planes.push_back(plane(c));
        for (std::int64_t k = 0; k < p.group_kernels(); ++k) maps.push_back(map(k));
    }
    std::int64_t output() const { return row * p.Q() + column; }
    std::vector<float> ones() const { return std::vector<float>(e.bank.values.size(), 1.0F); }

    MatrixDrawing plane(std::int64_t c) const;
    MatrixDrawing map(std::int64_t k) const;
    std::string sum(double width) const;
};

/// Channel c with its border in grey, the marked output's window standing out.
MatrixDrawing Scene::plane(std::int64_t c) const {
    MatrixDrawing d;
    d.caption = p.group_channels() > 1 ? fmt::format("channel {}", c) : "picture";
    d.sizes = fmt::format("H x W = {} x {}{}", p.H, p.W, p.padding == Padding{} ? "" : " + border");
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

MatrixDrawing Scene::map(std::int64_t k) const {
    MatrixDrawing d;
    d.caption = p.group_kernels() > 1 ? fmt::format("result {}", k) : "result";
    d.sizes = fmt::format("P x Q = {} x {}", p.P(), p.Q());
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

/// "113 = 9*2 + 8*3 + 7*5 + 6*6", as many of the products as fit `width`.
std::string Scene::sum(double width) const {
    std::string text = short_number(result(0, output())) + " =";
    for (std::int64_t i = 0; i < weights.columns; ++i) {
        const double weight = weights(0, i);
        const std::string term =
            fmt::format(" {}{}*{}", weight < 0 ? "- " : (i == 0 ? "" : "+ "),
                        short_number(std::abs(weight)), short_number(columns(i, output())));
        if (text_width(text + term + " + ...", kSumLetters) > width) return text + " + ...";
        text += term;
    }
    return text;
}

/// Left to right: picture, column matrix above its product, the weights left of that (each cell of
/// the product stands where its row and its column meet), and the result.
void place_im2col(Sheet& sheet, const Scene& scene) {
    const Problem& p = scene.p;
    MatrixDrawing columns{
        "column matrix",
        fmt::format("CRS x PQ = {} x {}", scene.columns.rows, scene.columns.columns), scene.columns,
        index_names({{'c', p.group_channels()}, {'r', p.R}, {'s', p.S}}, " "),
        index_names({{'p', p.P()}, {'q', p.Q()}}, "")};
    MatrixDrawing weights{
        "weights",
        fmt::format("K x CRS = {} x {}", scene.weights.rows, scene.weights.columns),
        scene.weights,
        index_names({{'k', p.group_kernels()}}, ""),
        {}};
    MatrixDrawing product{"weights * column matrix",
                          fmt::format("K x PQ = {} x {}", scene.result.rows, scene.result.columns),
                          scene.result,
                          {},
                          {}};
    for (std::int64_t i = 0; i < columns.values.rows; ++i) columns.mark(i, scene.output());
    product.mark(0, scene.output());
    weights.tint = kKernelTint;
    columns.fit();
    weights.fit();
    product.fit();
    columns.cell_width = product.cell_width = std::max(columns.cell_width, product.cell_width);

    double planes_width = -kGap / 2, planes_height = 0;
    for (const MatrixDrawing& d : scene.planes) {
        planes_width += d.width() + kGap / 2;
        planes_height = std::max(planes_height, d.height());
    }
    const double left = std::max(planes_width, weights.width());
    const double top = kTitleHeight, tall = std::max(planes_height, columns.height());
    double x = kMargin + (left - planes_width) / 2;
    for (const MatrixDrawing& d : scene.planes) {
        sheet.place(d, {x, top + (tall - d.height()) / 2});
        x += d.width() + kGap / 2;
    }
    const Point columns_grid =
        sheet.place(columns, {kMargin + left + 2 * kGap, top + (tall - columns.height())});
    const double across = columns_grid.y + columns.grid_height() / 2;
    sheet.arrow({kMargin + left + 8, across}, {kMargin + left + 2 * kGap - 8, across});
    const double below = top + tall + kGap / 2;
    sheet.place(weights, {kMargin + left - weights.width(), below});
    sheet.place(product, {columns_grid.x, below});
    const double right =
        std::max(columns_grid.x + columns.grid_width(), columns_grid.x + product.width());
    const double maps_height = stacked_height(scene.maps);
    const double product_middle = below + product.height() - product.grid_height() / 2;
    const double middle = std::min(product_middle, sheet.bottom() - maps_height / 2);
    const double next = sheet.place_arrow(right, product_middle);
    sheet.place_stack(scene.maps, next, middle);
}

/// Left to right: picture, the kernel's Toeplitz matrix, the picture as a vector, their product,
/// and the result.
void place_toeplitz(Sheet& sheet, const Scene& scene) {
    const Problem& p = scene.p;
    const Source& src = scene.e.source.source;
    const ToeplitzLowering lowering = toeplitz_lowering(p, src, scene.e.bank.values, 0, 0);
    MatrixDrawing matrix{"Toeplitz matrix of the kernel",
                         fmt::format("KPQ x CHW = {} x {}, grey zeros are there by construction",
                                     lowering.matrix.rows, lowering.matrix.columns),
                         lowering.matrix,
                         index_names({{'k', p.group_kernels()}, {'p', p.P()}, {'q', p.Q()}}, " "),
                         {}};
    matrix.faint = zeros_of(toeplitz_lowering(p, src, scene.ones(), 0, 0).matrix);
    matrix.tint = kKernelTint;
    MatrixDrawing vector{"as a vector",
                         fmt::format("CHW = {}", p.group_channels() * p.H * p.W),
                         picture_vector(p, src, 0, 0),
                         {},
                         {}};
    MatrixDrawing result{"product",
                         fmt::format("KPQ = {}", lowering.matrix.rows),
                         reshaped(scene.result, lowering.matrix.rows, 1),
                         {},
                         {}};
    for (std::int64_t j = 0; j < lowering.matrix.columns; ++j) {
        const auto at = static_cast<std::size_t>(scene.output() * lowering.matrix.columns + j);
        if (matrix.faint[at]) continue;
        matrix.mark(scene.output(), j);
        vector.mark(j, 0);
    }
    result.mark(scene.output(), 0);
    for (MatrixDrawing* d : {&matrix, &vector, &result}) d->fit();

    const double tall = std::max({stacked_height(scene.planes), stacked_height(scene.maps),
                                  matrix.height(), vector.height()});
    const double middle = kTitleHeight + tall / 2;
    double x = sheet.place_stack(scene.planes, kMargin, middle) + kGap;
    bool first = true;
    for (const MatrixDrawing* d : {&matrix, &vector, &result}) {
        if (!first) x = sheet.place_operator(d == &result ? "=" : "x", x, middle);
        first = false;
        x = sheet.place_stack({*d}, x, middle);
    }
    sheet.place_stack(scene.maps, sheet.place_arrow(x, middle), middle);
}

/// Left to right: picture, one product A_s * lines for each tap below the other, their sum, and the
/// result; the block of output rows that holds the marked one.
void place_rows(Sheet& sheet, const Scene& scene) {
    const Problem& p = scene.p;
    const Source& src = scene.e.source.source;
    const std::int64_t T = scene.e.sizes.rows_together, maps = p.group_kernels();
    const std::int64_t first = scene.row / T * T, t = scene.row - first;
    const RowRange rows{first, std::min(T, p.P() - first)};
    const RowLowering block = row_lowering(p, src, scene.e.bank.values, 0, 0, rows);
    const RowLowering pattern = row_lowering(p, src, scene.ones(), 0, 0, rows);
    std::vector<MatrixDrawing> taps, lines;
    MatrixDrawing sum{"sum over s",
                      fmt::format("TK x Q = {} x {}", rows.count * maps, p.Q()),
                      Matrix(rows.count * maps, p.Q()),
                      {},
                      {}};
    for (std::int64_t s = 0; s < p.S; ++s) {
        const Matrix& a = block.taps[static_cast<std::size_t>(s)];
        taps.push_back({fmt::format("A_{}: column {} of the kernel", s, s),
                        fmt::format("TK x LC = {} x {}", a.rows, a.columns),
                        a,
                        {},
                        {}});
        taps.back().faint = zeros_of(pattern.taps[static_cast<std::size_t>(s)]);
        taps.back().tint = kKernelTint;
        lines.push_back({fmt::format("rows from column {} on", s * p.dilation_w),
                         fmt::format("LC x Q = {} x {}", a.columns, p.Q()),
                         tap_lines(p, block, s),
                         {},
                         {}});
        for (std::int64_t j = 0; j < a.columns; ++j) {
            if (taps.back().faint[static_cast<std::size_t>(t * maps * a.columns + j)]) continue;
            taps.back().mark(t * maps, j);
            lines.back().mark(j, scene.column);
        }
        const Matrix term = product(a, lines.back().values);
        for (std::size_t i = 0; i < term.values.size(); ++i) sum.values.values[i] += term.values[i];
    }
    sum.mark(t * maps, scene.column);
    sum.fit();
    double taps_width = 0, lines_width = 0, step = 0;
    for (std::size_t s = 0; s < taps.size(); ++s) {
        taps[s].fit();
        lines[s].fit();
        taps_width = std::max(taps_width, taps[s].width());
        lines_width = std::max(lines_width, lines[s].width());
        step = std::max({step, taps[s].height(), lines[s].height()});
    }
    const double tall = std::max({stacked_height(scene.planes), stacked_height(scene.maps),
                                  (step + kGap / 2) * static_cast<double>(p.S)});
    const double middle = kTitleHeight + tall / 2;
    const double x = sheet.place_stack(scene.planes, kMargin, middle) + 2 * kGap;
    double y = middle - (step + kGap / 2) * static_cast<double>(p.S) / 2;
    for (std::size_t s = 0; s < taps.size(); ++s, y += step + kGap / 2) {
        const double centre = y + step / 2;
        if (s > 0) sheet.word({x - kGap / 2, centre + 8}, "+");
        sheet.place_stack({taps[s]}, x, centre);
        sheet.place_operator("x", x + taps_width, centre);
        sheet.place_stack({lines[s]}, x + taps_width + kGap + 12, centre);
    }
    double next = sheet.place_operator("=", x + taps_width + kGap + 12 + lines_width, middle);
    next = sheet.place_stack({sum}, next, middle);
    sheet.place_stack(scene.maps, sheet.place_arrow(next, middle), middle);
}

struct Figure {
    const char* lowering;
    const char* title;
    void (*place)(Sheet&, const Scene&);
};

constexpr std::array<Figure, 3> kFigures = {{
    {"im2col", "Convolution as one matrix product: the picture is unrolled (im2col)", place_im2col},
    {"toeplitz", "Convolution as one matrix product: the kernel becomes a Toeplitz matrix",
     place_toeplitz},
    {"rows", "Convolution as a sum of small matrix products: whole rows at once (gemm)",
     place_rows},
}};

}  // namespace

std::string draw_figure(const Explanation& e, const std::string& lowering,
                        const std::string& path) {
    check_drawing_name(path);
    const Problem& p = e.problem;
    const auto rows = static_cast<double>(std::max(p.padded_rows(p.P()), p.padding.top + p.H));
    const auto columns = static_cast<double>(std::max(p.padded_width(), p.padding.left + p.W));
    if (!fits_a_page(rows * static_cast<double>(p.group_channels()), columns) ||
        lowering_matrices(e, lowering, 0, 0).empty()) {
        fail(ErrorKind::usage,
             "{}: {} matrices of problem {} do not fit one sheet, use a picture of a few samples: "
             "--input \"1 2 3; 4 5 6; 7 8 9\"",
             path, lowering, format_problem(p));
    }
    const auto figure = std::find_if(kFigures.begin(), kFigures.end(),
                                     [&](const Figure& f) { return lowering == f.lowering; });
    const Scene scene(e);
    Sheet sheet;
    figure->place(sheet, scene);
    return sheet.draw(path, figure->title, [&](double width) { return scene.sum(width); });
}

}  // namespace conv
