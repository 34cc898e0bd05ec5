#include "kernel_pictures/kernel_picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "drawing/canvas.hpp"
#include "drawing/colour_bar.hpp"
#include "kernel_pictures/palette.hpp"
#include "kernel_pictures/response_cuts.hpp"
#include "kernels/analysis.hpp"
#include "kernels/frequency_response.hpp"
#include "kernels/kernel_values.hpp"
#include "text/terminal.hpp"
#include "text/text_table.hpp"

namespace conv {
namespace {

constexpr double kMap = 300, kMargin = 24, kAxis = 56, kBar = 16, kBarWords = 78, kColumnGap = 30;
constexpr double kHeader = 66, kFooter = 52, kRow = kHeader + kMap + kFooter;
constexpr double kPicture = kMap + 16 + kBar + kBarWords;
constexpr double kResponse =
    kPicture + kColumnGap + kAxis;  // from the weights' left edge to its own
constexpr double kPlaneWidth = kMargin + kAxis + kResponse + kPicture;
constexpr double kCuts = kColumnGap + kAxis + kMap + kMargin;  // what the curves add to the width
// 75 divide a map into cells of whole units, without seams in SVG.
constexpr std::int64_t kFrequencies = 75, kMostPlanes = 64, kMostOutlined = 40;
constexpr double kSmallestLetters = 8, kFlat = 1e-6;

/// One R x S plane of a kernel.
struct Plane {
    std::string title, words;
    std::vector<double> weights;
    std::int64_t R, S;
    double least, greatest;  ///< of the weights

    double at(std::int64_t r, std::int64_t s) const {
        return weights[static_cast<std::size_t>(r * S + s)];
    }
    /// The weight at a part, 0 to 1, of the colour scale: weights of one sign have the whole scale
    /// for themselves; of two, each sign has a half.
    double weight(double part) const {
        if (least >= 0) return part * greatest;
        if (greatest <= 0) return (1 - part) * least;
        return part < 0.5 ? (1 - 2 * part) * least : (2 * part - 1) * greatest;
    }
    Colour colour(double weight) const {
        if (least >= 0) return diverging_colour(2 * weight / std::max(greatest, 1e-300) - 1);
        if (greatest <= 0) return diverging_colour(1 - 2 * weight / least);
        return diverging_colour(weight < 0 ? -weight / least : weight / greatest);
    }
};

std::vector<Plane> planes_of(const std::vector<Kernel>& kernels) {
    std::vector<Plane> planes;
    for (std::size_t i = 0; i < kernels.size(); ++i) {
        const Kernel& kernel = kernels[i];
        const std::vector<double> weights = scaled_values(kernel);
        for (std::int64_t plane = 0; plane < kernel.K * kernel.C; ++plane) {
            Kernel one;
            one.R = kernel.R;
            one.S = kernel.S;
            const auto first = weights.begin() + plane * kernel.R * kernel.S;
            one.values.assign(first, first + kernel.R * kernel.S);
            const KernelProperties p = analyse_kernel(one);
            std::string title = printable_line(kernel.name);
            if (kernels.size() > 1) title += fmt::format(", kernel {}", i);
            if (kernel.K > 1) title += fmt::format(", k = {}", plane / kernel.C);
            if (kernel.C > 1) title += fmt::format(", c = {}", plane % kernel.C);
            planes.push_back({title,
                              fmt::format("{} x {}, sum {}, rank {}{}{}", one.R, one.S,
                                          short_number(p.zero_sum ? 0 : p.sum), p.rank,
                                          p.separable ? ", separable" : "",
                                          p.point_symmetric ? ", symmetric" : ""),
                              one.values, one.R, one.S,
                              *std::min_element(one.values.begin(), one.values.end()),
                              *std::max_element(one.values.begin(), one.values.end())});
        }
    }
    return planes;
}

void words(Canvas& canvas, Point at, const std::string& text, TextAlign align) {
    canvas.text(at, text, {.size = kLetters, .align = align, .colour = kBlack});
}

/// Every n-th index, so that at most about nine are named.
std::int64_t tick_step(std::int64_t count) {
    std::int64_t step = 1;
    while (count / step > 9) step = step % 5 == 0 ? step * 2 : step == 2 ? 5 : step * 2;
    return step;
}

/// The letters' size at which every value fits a cell, 0 when they would be too small.
double value_letters(const Plane& plane, double cell) {
    double widest = 0;
    for (const double weight : plane.weights) {
        widest = std::max(widest, text_width(fmt::format("{:.3g}", weight), 1));
    }
    const double size = std::min((cell - 4) / widest, cell * 0.5);
    return size < kSmallestLetters ? 0 : std::min(size, 16.0);
}

void draw_cells(Canvas& canvas, const Plane& plane, const Box& box, double cell) {
    PixelGrid pixels{plane.S, plane.R, {}};
    for (const double weight : plane.weights) {
        const Colour c = plane.colour(weight);
        pixels.rgb.insert(pixels.rgb.end(), {c.red, c.green, c.blue});
    }
    canvas.image(box, pixels);
    const double letters = value_letters(plane, cell);
    const bool outlined = std::max(plane.R, plane.S) <= kMostOutlined;
    for (std::int64_t r = 0; outlined && r < plane.R; ++r) {
        for (std::int64_t s = 0; s < plane.S; ++s) {
            const Box at{box.x + static_cast<double>(s) * cell,
                         box.y + static_cast<double>(r) * cell, cell, cell};
            canvas.rectangle(at, {{}, Stroke{{110, 110, 110}, 0.7}});
            if (letters == 0) continue;
            const double weight = plane.at(r, s);
            canvas.text({at.x + cell / 2, at.y + cell / 2 + letters * 0.36},
                        fmt::format("{:.3g}", weight == 0 ? 0 : weight),
                        {.size = letters,
                         .align = TextAlign::middle,
                         .colour = letters_on(plane.colour(weight)),
                         .kept = true});
        }
    }
    canvas.rectangle(box, {{}, Stroke{kBlack, 1.2}});
}

void draw_heat_map(Canvas& canvas, const Plane& plane, Point corner) {
    const double cell = kMap / static_cast<double>(std::max(plane.R, plane.S));
    const double width = cell * static_cast<double>(plane.S);
    const double height = cell * static_cast<double>(plane.R);
    const Box box{corner.x + (kMap - width) / 2, corner.y + (kMap - height) / 2, width, height};
    draw_cells(canvas, plane, box, cell);
    for (std::int64_t s = 0; s < plane.S; s += tick_step(plane.S)) {
        words(canvas, {box.x + (static_cast<double>(s) + 0.5) * cell, box.y + height + 17},
              std::to_string(s), TextAlign::middle);
    }
    for (std::int64_t r = 0; r < plane.R; r += tick_step(plane.R)) {
        words(canvas, {box.x - 7, box.y + (static_cast<double>(r) + 0.5) * cell + 5},
              std::to_string(r), TextAlign::end);
    }
    words(canvas, {box.x + width / 2, box.y + height + 37}, "column s", TextAlign::middle);
    canvas.text({box.x - 34, box.y + height / 2}, "row r",
                {.size = kLetters, .align = TextAlign::middle, .upwards = true});
    draw_colour_bar(
        canvas, {corner.x + kMap + 16, corner.y, kBar, kMap},
        [&](double part) { return plane.weight(part); },
        [&](double value) { return plane.colour(value); });
}

void draw_response(Canvas& canvas, const Plane& plane, Point corner) {
    const std::vector<double> response =
        frequency_response(plane.weights, plane.R, plane.S, kFrequencies);
    const double most = std::max(*std::max_element(response.begin(), response.end()), 1e-300);
    PixelGrid pixels{kFrequencies, kFrequencies, {}};
    for (const double value : response) {
        const Colour c = grey_level(value / most);
        pixels.rgb.insert(pixels.rgb.end(), {c.red, c.green, c.blue});
    }
    const Box box{corner.x, corner.y, kMap, kMap};
    canvas.image(box, pixels);
    if (*std::min_element(response.begin(), response.end()) > most * (1 - kFlat)) {
        canvas.text({box.x + kMap / 2, box.y + kMap / 2 + 5},
                    fmt::format("{:.3g} at every frequency", most),
                    {.size = kLetters, .align = TextAlign::middle, .kept = true});
    }
    canvas.rectangle(box, {{}, Stroke{kBlack, 1.2}});
    for (const auto& [part, name] :
         {std::pair{0.0, "-0.5"}, {0.25, "-0.25"}, {0.5, "0"}, {0.75, "0.25"}, {1.0, "0.5"}}) {
        const double x = box.x + part * kMap, y = box.y + part * kMap;
        canvas.line({x, box.y + kMap}, {x, box.y + kMap + 5}, {kBlack, 1});
        canvas.line({box.x - 5, y}, {box.x, y}, {kBlack, 1});
        words(canvas, {x, box.y + kMap + 18}, name, TextAlign::middle);
        words(canvas, {box.x - 8, y + 5}, name, TextAlign::end);
    }
    words(canvas, {box.x + kMap / 2, box.y + kMap + 37}, "horizontal, cycles per pixel",
          TextAlign::middle);
    canvas.text({box.x - 52, box.y + kMap / 2}, "vertical, cycles per pixel",
                {.size = kLetters, .align = TextAlign::middle, .upwards = true});
    draw_colour_bar(
        canvas, {corner.x + kMap + 16, corner.y, kBar, kMap},
        [most](double part) { return part * most; },
        [most](double value) { return grey_level(value / most); });
}

/// The weights and beside them the frequency response.
void draw_plane(Canvas& canvas, const Plane& plane, Point corner) {
    const double left = corner.x + kMargin + kAxis, right = left + kResponse;
    canvas.text({corner.x + kMargin, corner.y + 32}, plane.title,
                {.size = kTitleLetters, .bold = true});
    words(canvas, {corner.x + kMargin, corner.y + 53}, plane.words, TextAlign::start);
    canvas.text({right, corner.y + 53}, "frequency response (magnitude)",
                {.size = kLetters, .bold = true});
    draw_heat_map(canvas, plane, {left, corner.y + kHeader});
    draw_response(canvas, plane, {right, corner.y + kHeader});
}

std::string description_of(const std::vector<Plane>& planes) {
    std::string text;
    for (const Plane& plane : planes) {
        text += fmt::format("{}{}: {}, weights from {:.3g} to {:.3g}", text.empty() ? "" : "; ",
                            plane.title, plane.words, plane.least, plane.greatest);
    }
    return text;
}

}  // namespace

std::string draw_kernels(const std::vector<Kernel>& kernels, const std::string& path,
                         Ground ground) {
    check_drawing_name(path);
    const std::vector<Plane> planes = planes_of(kernels);
    if (planes.size() > static_cast<std::size_t>(kMostPlanes)) {
        fail(ErrorKind::usage, "{}: {} planes are too many for one picture, show at most {}", path,
             planes.size(), kMostPlanes);
    }
    const auto count = static_cast<double>(planes.size());
    const double columns = count <= 2 ? 1 : count <= 8 ? 2 : 4;
    const bool curves = columns == 1;  // beside several columns they would be too small to read
    const auto canvas = make_canvas(path, kPlaneWidth * columns + (curves ? kCuts : 0),
                                    kRow * std::ceil(count / columns), ground);
    canvas->describe(description_of(planes));
    for (std::size_t i = 0; i < planes.size(); ++i) {
        const Plane& plane = planes[i];
        const auto at = static_cast<double>(i);
        const Point corner{kPlaneWidth * std::fmod(at, columns), kRow * std::floor(at / columns)};
        draw_plane(*canvas, plane, corner);
        if (!curves) continue;
        draw_response_cuts(
            *canvas, {corner.x + kPlaneWidth + kColumnGap + kAxis, corner.y + kHeader, kMap, kMap},
            response_cuts(plane.weights, plane.R, plane.S));
    }
    return canvas->finish();
}

}  // namespace conv
