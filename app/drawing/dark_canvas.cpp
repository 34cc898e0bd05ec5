#include "drawing/dark_canvas.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace conv {
namespace {

/// Hue and chroma of HSL kept, its lightness L become 1 - L, then lifted to the sheet's.
Colour turned(Colour c) {
    const int shift = 255 - std::max({c.red, c.green, c.blue}) - std::min({c.red, c.green, c.blue});
    const auto lifted = [shift](std::uint8_t level) {
        constexpr double kSheet = 24;
        const double part = (level + shift) / 255.0;
        return static_cast<std::uint8_t>(std::lround(kSheet + part * (255 - kSheet)));
    };
    return {lifted(c.red), lifted(c.green), lifted(c.blue)};
}

Paint turned(Paint paint) {
    if (paint.kept) return paint;
    if (paint.fill) paint.fill = turned(*paint.fill);
    if (paint.outline) paint.outline->colour = turned(paint.outline->colour);
    return paint;
}

class DarkCanvas final : public Canvas {
public:
    DarkCanvas(std::unique_ptr<Canvas> canvas, const Box& sheet) : canvas_(std::move(canvas)) {
        rectangle(sheet, {kWhite, {}});
    }

    void rectangle(const Box& box, const Paint& paint) override {
        canvas_->rectangle(box, turned(paint));
    }
    void circle(Point centre, double radius, const Paint& paint) override {
        canvas_->circle(centre, radius, turned(paint));
    }
    void polygon(const std::vector<Point>& corners, const Paint& paint) override {
        canvas_->polygon(corners, turned(paint));
    }
    void polyline(const std::vector<Point>& points, const Stroke& stroke) override {
        canvas_->polyline(points, {turned(stroke.colour), stroke.width});
    }
    void text(Point at, std::string_view words, const TextStyle& style) override {
        TextStyle on_dark = style;
        if (!style.kept) on_dark.colour = turned(style.colour);
        canvas_->text(at, words, on_dark);
    }
    void image(const Box& box, const PixelGrid& pixels) override { canvas_->image(box, pixels); }
    void describe(std::string_view words) override { canvas_->describe(words); }
    std::string finish() override { return canvas_->finish(); }

private:
    std::unique_ptr<Canvas> canvas_;
};

}  // namespace

std::unique_ptr<Canvas> on_dark_sheet(std::unique_ptr<Canvas> canvas, double width, double height) {
    return std::make_unique<DarkCanvas>(std::move(canvas), Box{0, 0, width, height});
}

}  // namespace conv
