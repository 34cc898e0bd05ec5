#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "drawing/canvas.hpp"
#include "lowering/lowering.hpp"

namespace conv {

inline constexpr double kCellHeight = 27, kFigureLetters = 14, kNameLetters = 12;
inline constexpr Colour kMarked{255, 205, 130}, kKernelTint{222, 232, 244}, kGrey{75, 75, 75};

/// A matrix as a figure shows it: a grid of cells with a caption above and names beside; where it
/// has too many cells for numbers, of coloured squares.
struct MatrixDrawing {
    std::string caption, sizes;  ///< a bold line and a grey one
    Matrix values;
    std::vector<std::string> row_names, column_names;  ///< empty: none
    std::vector<bool> marked = {};                     ///< cells that stand out; empty: none
    std::vector<bool> faint =
        {};                 ///< cells in grey letters on white: a border, or zeros by construction
    Colour tint = kWhite;   ///< of cells that are not marked
    double cell_width = 0;  ///< 0: as its texts need
    double cell_height = kCellHeight;
    bool squares = false;  ///< cells are colours: of a kernel by sign and size, else greys

    void fit();  ///< settles cell_width
    /// Makes it squares of `side` units, without names.
    void make_squares(double side);
    double names_width() const;
    double names_height() const;
    double grid_width() const;
    double grid_height() const;
    double width() const;  ///< of everything, caption included
    double height() const;
    void mark(std::int64_t row, std::int64_t column);

    /// Draws it with the top left corner of its first cell at `grid`.
    void draw(Canvas& canvas, Point grid) const;
    /// Where a drawing whose top left corner, captions included, is at `corner` has its first cell.
    Point grid_at(Point corner) const;

private:
    Box cell(Point grid, std::int64_t row, std::int64_t column) const;
    void draw_caption(Canvas& canvas, Point grid) const;
    void draw_squares(Canvas& canvas, Point grid) const;
    void draw_numbers(Canvas& canvas, Point grid) const;
    void draw_names(Canvas& canvas, Point grid) const;
};

/// The side of squares with which a matrix of `rows` x `columns` fits a sheet.
double square_side(std::int64_t rows, std::int64_t columns);

/// A line with an arrow head at its end.
void draw_arrow(Canvas& canvas, Point from, Point to);

}  // namespace conv
