#include "explain/sheet.hpp"
#include "kernel_pictures/palette.hpp"

#include <algorithm>

namespace conv {
namespace {

constexpr double kSumHeight = 44, kOperatorLetters = 24, kEndless = 1e9;

}  // namespace

Point Sheet::place(const MatrixDrawing& drawing, Point corner) {
    const Point grid = drawing.grid_at(corner);
    reach(corner.x + drawing.width(), corner.y + drawing.height());
    drawings_.push_back({drawing, grid});
    return grid;
}

double Sheet::place_stack(const std::vector<MatrixDrawing>& drawings, double x, double middle) {
    double y = middle - stacked_height(drawings) / 2, right = x;
    for (const MatrixDrawing& d : drawings) {
        place(d, {x, y});
        y += d.height() + kGap / 2;
        right = std::max(right, x + d.width());
    }
    return right;
}

double Sheet::place_operator(const std::string& sign, double x, double middle) {
    word({x + kGap / 2 + 6, middle + 8}, sign);
    return x + kGap + 12;
}

double Sheet::place_arrow(double x, double middle) {
    arrow({x + 10, middle}, {x + 10 + kGap, middle});
    return x + kGap + 24;
}

void Sheet::word(Point at, const std::string& text) {
    words_.emplace_back(at, text);
    reach(at.x + kOperatorLetters / 2, at.y);
}

std::string Sheet::draw(const std::string& path, const std::string& title,
                        const std::function<std::string(double width)>& sum, Ground ground) const {
    const double width = std::max(right_, text_width(title, kTitleLetters) + kMargin) + kMargin;
    const auto canvas = make_canvas(path, width, bottom_ + kSumHeight + kMargin / 2, ground);
    canvas->describe("One output is marked in every matrix: " + sum(kEndless));
    canvas->text({kMargin, kMargin + 14}, title, {.size = kTitleLetters, .bold = true});
    for (const Placed& placed : drawings_) placed.drawing.draw(*canvas, placed.grid);
    for (const auto& [at, text] : words_) {
        canvas->text(at, text,
                     {.size = kOperatorLetters, .align = TextAlign::middle, .bold = true});
    }
    for (const auto& [from, to] : arrows_) draw_arrow(*canvas, from, to);
    canvas->text({width / 2, bottom_ + kSumHeight - 8}, sum(width - 2 * kMargin),
                 {.size = kSumLetters, .align = TextAlign::middle});
    return canvas->finish();
}

void Sheet::reach(double x, double y) {
    right_ = std::max(right_, x);
    bottom_ = std::max(bottom_, y);
}

double stacked_height(const std::vector<MatrixDrawing>& drawings) {
    double height = -kGap / 2;
    for (const MatrixDrawing& d : drawings) height += d.height() + kGap / 2;
    return height;
}

}  // namespace conv
