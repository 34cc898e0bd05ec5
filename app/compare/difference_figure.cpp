#include "compare/difference_figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "drawing/colour_bar.hpp"

namespace conv {
namespace {

constexpr double kEdge = 24, kHead = 66, kBar = 16, kBarWords = 90, kGap = 16;
// In a .png a unit is two pixels: large pictures have a pixel each of theirs.
constexpr double kUnitsPerPixel = 0.5, kLeastSide = 240;

PixelGrid shades_of(const std::vector<float>& difference, std::int64_t width, double most) {
    PixelGrid pixels{width, static_cast<std::int64_t>(difference.size()) / width, {}};
    pixels.rgb.reserve(difference.size() * 3);
    for (const float value : difference) {
        const Colour c = grey_level(most > 0 ? static_cast<double>(value) / most : 0);
        pixels.rgb.insert(pixels.rgb.end(), {c.red, c.green, c.blue});
    }
    return pixels;
}

}  // namespace

std::string draw_difference(const std::string& path, const Comparison& comparison,
                            std::int64_t width, Ground ground) {
    const std::vector<float>& difference = comparison.difference;
    const double most = static_cast<double>(
        difference.empty() ? 0 : *std::max_element(difference.begin(), difference.end()));
    const PixelGrid pixels = shades_of(difference, width, most);
    const auto columns = static_cast<double>(pixels.width),
               rows = static_cast<double>(pixels.height);
    const double unit =
        kUnitsPerPixel *
        std::max(1.0, std::ceil(kLeastSide / (kUnitsPerPixel * std::max(columns, rows))));
    const std::string title = fmt::format("Largest difference from {}", comparison.reference);
    const std::string words = fmt::format("{}; of sums before rounding", comparison.problem);
    const double side = std::max(kLeastSide, rows * unit);
    const double across = kEdge + columns * unit + kGap + kBar + kBarWords;
    const auto canvas =
        make_canvas(path, std::max(across, 2 * kEdge + text_width(words, kBarLetters)),
                    kHead + side + kEdge, ground);
    canvas->text({kEdge, 30}, title, {.size = 18, .bold = true});
    canvas->text({kEdge, 52}, words, {.size = kBarLetters});
    canvas->describe(fmt::format("Black is 0, white {:.3g}.", most));
    const Box box{kEdge, kHead, columns * unit, rows * unit};
    canvas->image(box, pixels);
    canvas->rectangle(box, {{}, Stroke{kBlack, 1}});
    draw_colour_bar(
        *canvas, {box.x + box.width + kGap, kHead, kBar, kLeastSide},
        [most](double part) { return part * most; },
        [most](double value) { return grey_level(most > 0 ? value / most : 0); });
    return canvas->finish();
}

}  // namespace conv
