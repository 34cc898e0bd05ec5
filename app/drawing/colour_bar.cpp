#include "drawing/colour_bar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace conv {

void draw_colour_bar(Canvas& canvas, const Box& box,
                     const std::function<double(double part)>& value_at,
                     const std::function<Colour(double value)>& colour) {
    constexpr std::int64_t kSteps = 128;
    PixelGrid pixels{1, kSteps, {}};
    for (std::int64_t i = 0; i < kSteps; ++i) {
        const double part = 1 - (static_cast<double>(i) + 0.5) / kSteps;
        const Colour c = colour(value_at(part));
        pixels.rgb.insert(pixels.rgb.end(), {c.red, c.green, c.blue});
    }
    canvas.image(box, pixels);
    canvas.rectangle(box, {{}, Stroke{kBlack, 1}});
    for (const double part : {0.0, 0.25, 0.5, 0.75, 1.0}) {
        const double y = box.y + (1 - part) * box.height;
        canvas.line({box.x + box.width, y}, {box.x + box.width + 5, y}, {kBlack, 1});
        const double value = value_at(part);
        canvas.text({box.x + box.width + 8, y + 5}, fmt::format("{:.3g}", value == 0 ? 0 : value),
                    {.size = kBarLetters});
    }
}

Colour grey_level(double part) {
    const auto level = static_cast<std::uint8_t>(std::lround(255 * std::clamp(part, 0.0, 1.0)));
    return {level, level, level};
}

}  // namespace conv
