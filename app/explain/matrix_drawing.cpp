#include "explain/matrix_drawing.hpp"

#include <algorithm>
#include <cmath>

#include "drawing/colour_bar.hpp"
#include "kernel_pictures/palette.hpp"
#include "text/text_table.hpp"

namespace conv {
namespace {

constexpr Colour kGridLine{130, 130, 130}, kFaint{150, 150, 150};
constexpr double kCaptionHeight = 40, kNameGap = 6;
// Digits and signs are wider than the average letter.
constexpr double kDigitWidth = 1.2;

double widest(const std::vector<std::string>& words, double size) {
    double width = 0;
    for (const std::string& word : words) width = std::max(width, text_width(word, size));
    return width;
}

}  // namespace

void MatrixDrawing::make_squares(double side) {
    squares = true;
    cell_width = cell_height = side;
    row_names.clear();
    column_names.clear();
}

void MatrixDrawing::fit() {
    cell_width = kCellHeight + 3;
    for (const double value : values.values) {
        cell_width =
            std::max(cell_width, kDigitWidth * text_width(short_number(value), kFigureLetters) + 8);
    }
    cell_width = std::max(cell_width, widest(column_names, kNameLetters) + 5);
}

double MatrixDrawing::names_width() const {
    return row_names.empty() ? 0 : widest(row_names, kNameLetters) + kNameGap;
}

double MatrixDrawing::names_height() const {
    return column_names.empty() ? 0 : kNameLetters + kNameGap;
}

double MatrixDrawing::grid_width() const {
    return static_cast<double>(values.columns) * cell_width;
}

double MatrixDrawing::grid_height() const {
    return static_cast<double>(values.rows) * cell_height;
}

double MatrixDrawing::width() const {
    const double words =
        std::max(text_width(caption, kFigureLetters), text_width(sizes, kNameLetters));
    return names_width() + std::max(grid_width(), words);
}

double MatrixDrawing::height() const {
    return (caption.empty() ? 0 : kCaptionHeight) + names_height() + grid_height();
}

void MatrixDrawing::mark(std::int64_t row, std::int64_t column) {
    marked.resize(values.values.size());
    marked[static_cast<std::size_t>(row * values.columns + column)] = true;
}

Point MatrixDrawing::grid_at(Point corner) const {
    return {corner.x + names_width(),
            corner.y + (caption.empty() ? 0 : kCaptionHeight) + names_height()};
}

Box MatrixDrawing::cell(Point grid, std::int64_t row, std::int64_t column) const {
    return {grid.x + static_cast<double>(column) * cell_width,
            grid.y + static_cast<double>(row) * cell_height, cell_width, cell_height};
}

void MatrixDrawing::draw(Canvas& canvas, Point grid) const {
    draw_caption(canvas, grid);
    if (squares) return draw_squares(canvas, grid);
    draw_numbers(canvas, grid);
    draw_names(canvas, grid);
}

void MatrixDrawing::draw_caption(Canvas& canvas, Point grid) const {
    const double caption_top = grid.y - names_height();
    canvas.text({grid.x, caption_top - 22}, caption, {.size = kFigureLetters, .bold = true});
    canvas.text({grid.x, caption_top - 7}, sizes, {.size = kNameLetters, .colour = kGrey});
}

void MatrixDrawing::draw_squares(Canvas& canvas, Point grid) const {
    const auto [least, greatest] = std::minmax_element(values.values.begin(), values.values.end());
    const double most = std::max({std::abs(*least), std::abs(*greatest), 1e-300});
    const double range = std::max(*greatest - *least, 1e-300);
    const bool signs = tint == kKernelTint;
    canvas.rectangle({grid.x, grid.y, grid_width(), grid_height()}, {kWhite, Stroke{kGridLine, 1}});
    for (std::int64_t i = 0; i < values.rows; ++i) {
        for (std::int64_t j = 0; j < values.columns; ++j) {
            const auto at = static_cast<std::size_t>(i * values.columns + j);
            if (!faint.empty() && faint[at] && signs) continue;  // white: zeros by construction
            const double value = values.values[at];
            const Colour colour =
                signs ? diverging_colour(value / most) : grey_level((value - *least) / range);
            const bool stands_out = !marked.empty() && marked[at];
            Paint paint{stands_out ? kMarked : colour, {}, true};
            if (stands_out) paint.outline = Stroke{kBlack, 1};
            canvas.rectangle(cell(grid, i, j), paint);
        }
    }
}

void MatrixDrawing::draw_numbers(Canvas& canvas, Point grid) const {
    for (int pass = 0; pass < 2; ++pass) {  // the outlines of marked cells cover their neighbours'
        for (std::int64_t i = 0; i < values.rows; ++i) {
            for (std::int64_t j = 0; j < values.columns; ++j) {
                const auto at = static_cast<std::size_t>(i * values.columns + j);
                const bool stands_out = !marked.empty() && marked[at];
                if (stands_out != (pass == 1)) continue;
                const bool grey = !faint.empty() && faint[at];
                const Box box = cell(grid, i, j);
                canvas.rectangle(box,
                                 {stands_out ? kMarked
                                  : grey     ? kWhite
                                             : tint,
                                  Stroke{stands_out ? kBlack : kGridLine, stands_out ? 2.0 : 1.0}});
                canvas.text({box.x + box.width / 2, box.y + box.height / 2 + 5},
                            short_number(values.values[at]),
                            {.size = kFigureLetters,
                             .align = TextAlign::middle,
                             .colour = grey ? kFaint : kBlack,
                             .bold = stands_out});
            }
        }
    }
}

void MatrixDrawing::draw_names(Canvas& canvas, Point grid) const {
    for (std::size_t j = 0; j < column_names.size(); ++j) {
        const Box box = cell(grid, 0, static_cast<std::int64_t>(j));
        canvas.text({box.x + box.width / 2, grid.y - kNameGap}, column_names[j],
                    {.size = kNameLetters, .align = TextAlign::middle, .colour = kGrey});
    }
    for (std::size_t i = 0; i < row_names.size(); ++i) {
        const Box box = cell(grid, static_cast<std::int64_t>(i), 0);
        canvas.text({grid.x - kNameGap, box.y + box.height / 2 + 4}, row_names[i],
                    {.size = kNameLetters, .align = TextAlign::end, .colour = kGrey});
    }
}

double square_side(std::int64_t rows, std::int64_t columns) {
    constexpr double kSheet = 560, kLeast = 1.25, kMost = 12;
    return std::clamp(kSheet / static_cast<double>(std::max(rows, columns)), kLeast, kMost);
}

void draw_arrow(Canvas& canvas, Point from, Point to) {
    const double length = std::hypot(to.x - from.x, to.y - from.y);
    const Point along{(to.x - from.x) / length, (to.y - from.y) / length};
    constexpr double kHead = 10, kHalf = 4.5;
    const Point base{to.x - along.x * kHead, to.y - along.y * kHead};
    canvas.line(from, base, {kBlack, 2});
    canvas.polygon({to,
                    {base.x - along.y * kHalf, base.y + along.x * kHalf},
                    {base.x + along.y * kHalf, base.y - along.x * kHalf}},
                   {kBlack, {}});
}

}  // namespace conv
