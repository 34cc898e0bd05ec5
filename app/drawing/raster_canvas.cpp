#include "drawing/raster_canvas.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "base/error.hpp"
#include "drawing/raster_letters.hpp"

namespace conv {
namespace {

constexpr double kPixelsPerUnit = 2;  // sharp on dense screens and at 200 dpi in print
constexpr int kFractionBits = 4;      // of coordinates, for antialiased drawing

cv::Scalar scalar(Colour colour) {
    return {static_cast<double>(colour.red), static_cast<double>(colour.green),
            static_cast<double>(colour.blue)};
}

cv::Point fixed_point(Point point) {
    constexpr double kSteps = kPixelsPerUnit * (1 << kFractionBits);
    return {static_cast<int>(std::lround(point.x * kSteps)),
            static_cast<int>(std::lround(point.y * kSteps))};
}

int pixels(double units) {
    return static_cast<int>(std::lround(units * kPixelsPerUnit));
}

int thickness(const Stroke& stroke) {
    return std::max(pixels(stroke.width), 1);
}

cv::Rect pixel_box(const Box& box) {
    return {cv::Point(pixels(box.x), pixels(box.y)),
            cv::Point(pixels(box.x + box.width), pixels(box.y + box.height))};
}

class RasterCanvas final : public Canvas {
public:
    RasterCanvas(double width, double height)
        : sheet_(pixels(height), pixels(width), CV_8UC3, scalar(kWhite)) {}

    void rectangle(const Box& box, const Paint& paint) override {
        const cv::Rect area = pixel_box(box);
        if (paint.fill) cv::rectangle(sheet_, area, scalar(*paint.fill), cv::FILLED);
        if (!paint.outline) return;
        const cv::Rect outline(area.x, area.y, area.width + 1, area.height + 1);
        cv::rectangle(sheet_, outline, scalar(paint.outline->colour), thickness(*paint.outline));
    }

    void circle(Point centre, double radius, const Paint& paint) override {
        const int fixed_radius = fixed_point({radius, 0}).x;
        if (paint.fill) {
            cv::circle(sheet_, fixed_point(centre), fixed_radius, scalar(*paint.fill), cv::FILLED,
                       cv::LINE_AA, kFractionBits);
        }
        if (!paint.outline) return;
        cv::circle(sheet_, fixed_point(centre), fixed_radius, scalar(paint.outline->colour),
                   thickness(*paint.outline), cv::LINE_AA, kFractionBits);
    }

    void polygon(const std::vector<Point>& corners, const Paint& paint) override {
        const std::vector<std::vector<cv::Point>> outline{fixed_points(corners)};
        if (paint.fill) {
            cv::fillPoly(sheet_, outline, scalar(*paint.fill), cv::LINE_AA, kFractionBits);
        }
        if (!paint.outline) return;
        cv::polylines(sheet_, outline, true, scalar(paint.outline->colour),
                      thickness(*paint.outline), cv::LINE_AA, kFractionBits);
    }

    void polyline(const std::vector<Point>& points, const Stroke& stroke) override {
        const std::vector<std::vector<cv::Point>> lines{fixed_points(points)};
        cv::polylines(sheet_, lines, false, scalar(stroke.colour), thickness(stroke), cv::LINE_AA,
                      kFractionBits);
    }

    void text(Point at, std::string_view words, const TextStyle& style) override {
        if (words.empty()) return;
        const cv::Mat ink = text_ink(words, style.size * kPixelsPerUnit, style.bold);
        const int baseline = ink.rows - ink.rows / 3;
        const int before = static_cast<int>(style.align) * ink.cols / 2;
        if (style.upwards) {
            cv::Mat turned;
            cv::rotate(ink, turned, cv::ROTATE_90_COUNTERCLOCKWISE);
            const cv::Point place(pixels(at.x) - baseline, pixels(at.y) + before - turned.rows);
            blend(turned, place, style.colour);
            return;
        }
        const cv::Point place(pixels(at.x) - before, pixels(at.y) - baseline);
        blend(ink, place, style.colour);
    }

    void image(const Box& box, const PixelGrid& grid) override {
        const cv::Rect target = pixel_box(box);
        if (target.empty() || grid.rgb.empty()) return;
        // The header alone is not const; nothing is written through it.
        const cv::Mat source(static_cast<int>(grid.height), static_cast<int>(grid.width), CV_8UC3,
                             const_cast<std::uint8_t*>(grid.rgb.data()));
        const bool shrinks = target.width < source.cols;
        cv::Mat scaled;
        cv::resize(source, scaled, target.size(), 0, 0,
                   shrinks ? cv::INTER_AREA : cv::INTER_NEAREST);
        const cv::Rect visible = target & cv::Rect({0, 0}, sheet_.size());
        scaled(visible - target.tl()).copyTo(sheet_(visible));
    }

    std::string finish() override {
        cv::Mat bgr;
        cv::cvtColor(sheet_, bgr, cv::COLOR_RGB2BGR);
        std::vector<std::uint8_t> bytes;
        if (!cv::imencode(".png", bgr, bytes)) {
            fail(ErrorKind::internal, "the drawing cannot be encoded as PNG");
        }
        return {bytes.begin(), bytes.end()};
    }

private:
    static std::vector<cv::Point> fixed_points(const std::vector<Point>& points) {
        std::vector<cv::Point> out(points.size());
        std::transform(points.begin(), points.end(), out.begin(), fixed_point);
        return out;
    }

    /// Lays `colour` over the sheet where and as far as there is ink.
    void blend(const cv::Mat& ink, cv::Point place, Colour colour) {
        const cv::Rect visible = cv::Rect(place, ink.size()) & cv::Rect({0, 0}, sheet_.size());
        const std::array<int, 3> paint{colour.red, colour.green, colour.blue};
        for (int y = visible.y; y < visible.br().y; ++y) {
            for (int x = visible.x; x < visible.br().x; ++x) {
                const int cover = ink.at<std::uint8_t>(y - place.y, x - place.x);
                auto& pixel = sheet_.at<cv::Vec3b>(y, x);
                for (int c = 0; c < 3; ++c) {
                    const int old = pixel[c];
                    pixel[c] = static_cast<std::uint8_t>(
                        old + (paint[static_cast<std::size_t>(c)] - old) * cover / 255);
                }
            }
        }
    }

    cv::Mat sheet_;  ///< R, G, B
};

}  // namespace

std::unique_ptr<Canvas> make_raster_canvas(double width, double height) {
    return std::make_unique<RasterCanvas>(width, height);
}

}  // namespace conv
