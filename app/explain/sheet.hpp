#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "drawing/canvas.hpp"
#include "explain/matrix_drawing.hpp"

namespace conv {

inline constexpr double kMargin = 24, kGap = 34, kTitleHeight = 62;
inline constexpr double kSumLetters = 15;

/// Drawings placed side by side on an unlimited sheet, then drawn on one that just holds them.
class Sheet {
public:
    /// Puts a drawing's top left corner at `corner`; returns where its cells begin.
    Point place(const MatrixDrawing& drawing, Point corner);
    /// Drawings one below the other from `x` on, centred on the height `middle`; returns where
    /// their right edge is.
    double place_stack(const std::vector<MatrixDrawing>& drawings, double x, double middle);
    /// An operator between two drawings; returns where the next one begins.
    double place_operator(const std::string& sign, double x, double middle);
    double place_arrow(double x, double middle);
    void word(Point at, const std::string& text);
    void arrow(Point from, Point to) { arrows_.emplace_back(from, to); }
    /// The lower edge of what has been placed.
    double bottom() const { return bottom_; }

    /// The file's bytes: the title above, and below the line that `sum` makes for a width.
    std::string draw(const std::string& path, const std::string& title,
                     const std::function<std::string(double width)>& sum, Ground ground) const;

private:
    struct Placed {
        MatrixDrawing drawing;
        Point grid;  ///< of its first cell
    };
    void reach(double x, double y);

    std::vector<Placed> drawings_;
    std::vector<std::pair<Point, std::string>> words_;
    std::vector<std::pair<Point, Point>> arrows_;
    double right_ = 0, bottom_ = 0;
};

/// The height that place_stack takes.
double stacked_height(const std::vector<MatrixDrawing>& drawings);

}  // namespace conv
