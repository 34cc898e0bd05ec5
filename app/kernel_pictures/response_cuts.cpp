#include "kernel_pictures/response_cuts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "drawing/colour_bar.hpp"
#include "kernels/frequency_response.hpp"

namespace conv {
namespace {

constexpr double kSpan = 60, kTick = 10;  // decibels
constexpr Colour kGrid{215, 215, 215};
// The second curve is thinner, so that both show where they agree.
constexpr Stroke kAlongRows{{16, 84, 166}, 4}, kAlongColumns{{214, 96, 20}, 1.6};

/// Gains of a line of weights at frequencies from 0 to 1/2.
std::vector<double> gains_of(const std::vector<double>& line) {
    constexpr std::int64_t kBins = 257;
    const std::vector<double> all =
        frequency_response(line, 1, static_cast<std::int64_t>(line.size()), kBins);
    return {all.begin() + kBins / 2, all.begin() + kBins};
}

/// The scale's upper end: the first mark at or above the largest gain; 0 dB for zeros.
double top_of(const std::vector<ResponseCut>& cuts) {
    double most = 0;
    for (const ResponseCut& cut : cuts) {
        most = std::max(most, *std::max_element(cut.gains.begin(), cut.gains.end()));
    }
    constexpr double kRounding = 1e-6;
    return most > 0 ? kTick * std::ceil(20 * std::log10(most) / kTick - kRounding) + 0.0 : 0;
}

void draw_scales(Canvas& canvas, const Box& box, double top) {
    const double bottom = box.y + box.height;
    for (int tick = 0; tick * kTick <= kSpan; ++tick) {
        const double level = tick * kTick;
        const double y = box.y + level / kSpan * box.height;
        canvas.line({box.x, y}, {box.x + box.width, y}, {kGrid, 1});
        canvas.text({box.x - 8, y + 5}, fmt::format("{:g}", top - level),
                    {.size = kBarLetters, .align = TextAlign::end});
    }
    for (int tenth = 0; tenth <= 5; ++tenth) {
        const double x = box.x + tenth / 5.0 * box.width;
        canvas.line({x, bottom}, {x, bottom + 5}, {kBlack, 1});
        canvas.text({x, bottom + 18}, fmt::format("{:g}", tenth / 10.0),
                    {.size = kBarLetters, .align = TextAlign::middle});
    }
    canvas.rectangle(box, {{}, Stroke{kBlack, 1.2}});
    canvas.text({box.x + box.width / 2, bottom + 37}, "cycles per pixel",
                {.size = kBarLetters, .align = TextAlign::middle});
    canvas.text({box.x - 42, box.y + box.height / 2}, "gain, dB",
                {.size = kBarLetters, .align = TextAlign::middle, .upwards = true});
}

}  // namespace

std::vector<ResponseCut> response_cuts(std::span<const double> weights, std::int64_t R,
                                       std::int64_t S) {
    std::vector<double> columns(static_cast<std::size_t>(S)), rows(static_cast<std::size_t>(R));
    for (std::size_t i = 0; i < weights.size(); ++i) {
        columns[i % columns.size()] += weights[i];
        rows[i / columns.size()] += weights[i];
    }
    return {{"horizontal", gains_of(columns), kAlongRows},
            {"vertical", gains_of(rows), kAlongColumns}};
}

void draw_response_cuts(Canvas& canvas, const Box& box, const std::vector<ResponseCut>& cuts) {
    const double top = top_of(cuts);
    draw_scales(canvas, box, top);
    canvas.text({box.x, box.y - 13}, "along each axis", {.size = kBarLetters, .bold = true});
    double right = box.x + box.width;
    for (auto cut = cuts.rbegin(); cut != cuts.rend(); ++cut) {
        canvas.text({right, box.y - 13}, cut->name,
                    {.size = kBarLetters, .align = TextAlign::end, .colour = cut->stroke.colour});
        right -= text_width(cut->name, kBarLetters) + 12;
    }
    for (const ResponseCut& cut : cuts) {
        std::vector<Point> points;
        for (std::size_t i = 0; i < cut.gains.size(); ++i) {
            const double decibels = 20 * std::log10(std::max(cut.gains[i], 1e-300));
            const double down = std::clamp((top - decibels) / kSpan, 0.0, 1.0);
            const double along = static_cast<double>(i) / static_cast<double>(cut.gains.size() - 1);
            points.push_back({box.x + along * box.width, box.y + down * box.height});
        }
        canvas.polyline(points, cut.stroke);
    }
}

}  // namespace conv
