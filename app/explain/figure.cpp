#include "explain/figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "drawing/canvas.hpp"
#include "explain/labelled_matrices.hpp"
#include "explain/scene.hpp"
#include "explain/sheet.hpp"

namespace conv {
namespace {

// Rows and columns that the squares of a Toeplitz matrix still show.
constexpr double kMostSquares = 450;

/// Whether the picture with its border, and every matrix of the lowering, can be shown in numbers.
bool has_numbers(const Explanation& e, const std::string& lowering) {
    const Problem& p = e.problem;
    const auto rows = static_cast<double>(std::max(p.padded_rows(p.P()), p.padding.top + p.H));
    const auto columns = static_cast<double>(std::max(p.padded_width(), p.padding.left + p.W));
    return fits_a_page(rows * static_cast<double>(p.group_channels()), columns) &&
           !lowering_matrices(e, lowering, 0, 0).empty();
}

/// Whether a Toeplitz matrix without numbers is of use, and its picture has some.
bool has_squares(const Explanation& e, const std::string& lowering) {
    return lowering == "toeplitz" && e.samples && e.sizes.toeplitz_rows <= kMostSquares &&
           static_cast<double>(e.sizes.samples) <= kMostSquares;
}

/// Left to right: picture, column matrix above its product, the weights left of that (each cell of
/// the product stands where its row and its column meet), and the result.
void place_im2col(Sheet& sheet, const Scene& scene) {
    const Problem& p = scene.p;
    MatrixDrawing columns{
        "column matrix",
        fmt::format("CRS × PQ = {} × {}", scene.columns.rows, scene.columns.columns), scene.columns,
        index_names({{'c', p.group_channels()}, {'r', p.R}, {'s', p.S}}, " "),
        index_names({{'p', p.P()}, {'q', p.Q()}}, "")};
    MatrixDrawing weights{
        "weights",
        fmt::format("K × CRS = {} × {}", scene.weights.rows, scene.weights.columns),
        scene.weights,
        index_names({{'k', p.group_kernels()}}, ""),
        {}};
    MatrixDrawing product{"weights × column matrix",
                          fmt::format("K × PQ = {} × {}", scene.result.rows, scene.result.columns),
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
    const MatrixDrawing& square = scene.squares.front();
    const double lower = square.width() + kGap + weights.width();
    const double left = std::max(planes_width, lower);
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
    const double weights_left = kMargin + left - weights.width();
    const Point weights_grid = sheet.place(weights, {weights_left, below});
    const double weights_middle = weights_grid.y + weights.grid_height() / 2;
    const Point square_corner{weights_left - kGap - square.width(),
                              weights_middle - square.height() + square.grid_height() / 2};
    sheet.place(square, {square_corner.x, std::max(square_corner.y, below)});
    sheet.arrow({weights_left - kGap + 4, weights_middle}, {weights_left - 4, weights_middle});
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
    const ToeplitzLowering lowering = toeplitz_lowering(p, {src, scene.e.bank.values, 0, 0});
    MatrixDrawing matrix{"Toeplitz matrix of the kernel",
                         fmt::format("KPQ × CHW = {} × {}, blank: always 0", lowering.matrix.rows,
                                     lowering.matrix.columns),
                         lowering.matrix,
                         index_names({{'k', p.group_kernels()}, {'p', p.P()}, {'q', p.Q()}}, " "),
                         {}};
    matrix.faint = zeros_of(toeplitz_lowering(p, {src, scene.ones(), 0, 0}).matrix);
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
    const bool numbers = has_numbers(scene.e, "toeplitz");
    for (MatrixDrawing* d : {&matrix, &vector, &result}) {
        d->fit();
        if (!numbers) d->make_squares(square_side(matrix.values.rows, matrix.values.columns));
    }
    if (!numbers) {
        matrix.sizes = fmt::format("KPQ × CHW = {} × {}; blank: always 0, {} of {}",
                                   matrix.values.rows, matrix.values.columns,
                                   std::count(matrix.faint.begin(), matrix.faint.end(), true),
                                   matrix.faint.size());
    }

    const std::vector<MatrixDrawing> operands = scene.operands();
    const double tall = std::max(
        {stacked_height(operands), stacked_height(scene.maps), matrix.height(), vector.height()});
    const double middle = kTitleHeight + tall / 2;
    double x = sheet.place_stack(operands, kMargin, middle) + kGap;
    bool first = true;
    for (const MatrixDrawing* d : {&matrix, &vector, &result}) {
        if (!first) x = sheet.place_operator(d == &result ? "=" : "×", x, middle);
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
    const RowLowering block = row_lowering(p, {src, scene.e.bank.values, 0, 0}, rows);
    const RowLowering pattern = row_lowering(p, {src, scene.ones(), 0, 0}, rows);
    std::vector<MatrixDrawing> taps, lines;
    MatrixDrawing sum{
        "sum over s",
        fmt::format(
            "TK × Q = {} × {}{}", rows.count * maps, p.Q(),
            p.P() > T ? fmt::format(", output rows {} to {}", first, first + rows.count - 1) : ""),
        Matrix(rows.count * maps, p.Q()),
        {},
        {}};
    for (std::int64_t s = 0; s < p.S; ++s) {
        const Matrix& a = block.taps[static_cast<std::size_t>(s)];
        taps.push_back({fmt::format("A_{}: column {} of the kernel", s, s),
                        fmt::format("TK × LC = {} × {}", a.rows, a.columns),
                        a,
                        {},
                        {}});
        taps.back().faint = zeros_of(pattern.taps[static_cast<std::size_t>(s)]);
        taps.back().tint = kKernelTint;
        lines.push_back({fmt::format("rows from column {} on", s * p.dilation_w),
                         fmt::format("LC × Q = {} × {}", a.columns, p.Q()),
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
    const std::vector<MatrixDrawing> operands = scene.operands();
    const double tall = std::max({stacked_height(operands), stacked_height(scene.maps),
                                  (step + kGap / 2) * static_cast<double>(p.S)});
    const double middle = kTitleHeight + tall / 2;
    const double x = sheet.place_stack(operands, kMargin, middle) + 2 * kGap;
    double y = middle - (step + kGap / 2) * static_cast<double>(p.S) / 2;
    for (std::size_t s = 0; s < taps.size(); ++s, y += step + kGap / 2) {
        const double centre = y + step / 2;
        if (s > 0) sheet.word({x - kGap / 2, centre + 8}, "+");
        sheet.place_stack({taps[s]}, x, centre);
        sheet.place_operator("×", x + taps_width, centre);
        sheet.place_stack({lines[s]}, x + taps_width + kGap + 12, centre);
    }
    double next = sheet.place_operator("=", x + taps_width + kGap + 12 + lines_width, middle);
    next = sheet.place_stack({sum}, next, middle);
    std::vector<MatrixDrawing> results = scene.maps;
    if (p.P() > T) {
        results.back().sizes += fmt::format(", {} rows at once with the same A", T);
    }
    sheet.place_stack(results, sheet.place_arrow(next, middle), middle);
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

std::string draw_figure(const Explanation& e, const std::string& lowering, const std::string& path,
                        Ground ground) {
    check_drawing_name(path);
    if (!has_numbers(e, lowering) && !has_squares(e, lowering)) {
        fail(ErrorKind::usage,
             "{}: {} matrices of problem {} do not fit one sheet, use a picture of a few samples: "
             "--input \"1 2 3; 4 5 6; 7 8 9\"",
             path, lowering, format_problem(e.problem));
    }
    const auto figure = std::find_if(kFigures.begin(), kFigures.end(),
                                     [&](const Figure& f) { return lowering == f.lowering; });
    const Scene scene(e);
    Sheet sheet;
    figure->place(sheet, scene);
    return sheet.draw(
        path, figure->title, [&](double width) { return scene.sum(width); }, ground);
}

}  // namespace conv
