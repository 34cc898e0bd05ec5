#include "compare/charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <map>

#include "base/size.hpp"
#include "drawing/axis.hpp"
#include "drawing/canvas.hpp"

namespace conv {
namespace {

constexpr Colour kGrid{215, 215, 215}, kGreyText{90, 90, 90};
constexpr double kTextSize = 12, kTitleSize = 16, kMargin = 16;

std::string plain_number(double value) {
    return fmt::format("{:g}", value);
}

void draw_caption(Canvas& canvas, const ChartCaption& caption, const std::string& problem) {
    canvas.text({kMargin, 28}, caption.title, {.size = kTitleSize, .bold = true});
    canvas.text({kMargin, 48}, fmt::format("{}, {}", problem, caption.machine),
                {.size = 11, .colour = kGreyText});
}

/// One bar: a value, and a prediction to mark beside it where there is one.
struct Bar {
    std::string label;  ///< of its group; the same for bars of several series
    std::size_t series = 0;
    double value = 0, predicted = 0;
    std::string words;  ///< the value as text
};

constexpr std::array<Colour, 4> kSeriesFills{
    {{40, 90, 150}, {150, 190, 225}, {90, 90, 90}, {205, 205, 205}}};
constexpr double kBarHeight = 18, kGroupGap = 10;

double bars_height(const std::vector<Bar>& bars) {
    double height = 0;
    for (std::size_t i = 0; i < bars.size(); ++i) {
        height += kBarHeight + (i == 0 || bars[i].label != bars[i - 1].label ? kGroupGap : 0);
    }
    return height + kGroupGap;
}

void draw_diamond(Canvas& canvas, Point at, double radius, const Paint& paint) {
    canvas.polygon({{at.x, at.y - radius},
                    {at.x + radius, at.y},
                    {at.x, at.y + radius},
                    {at.x - radius, at.y}},
                   paint);
}

/// Horizontal bars in `box` with a scale below; labels stand to the left of the box.
void draw_bars(Canvas& canvas, const Box& box, const std::vector<Bar>& bars,
               const std::string& unit) {
    std::vector<double> values;
    for (const Bar& bar : bars) {
        values.push_back(bar.value);
        if (bar.predicted > 0) values.push_back(bar.predicted);
    }
    const Axis axis(values);
    const double words_room = 72;
    const auto x_of = [&](double value) {
        return box.x + axis.place(value) * (box.width - words_room);
    };
    const double bottom = box.y + box.height;
    for (const double tick : axis.ticks()) {
        canvas.line({x_of(tick), box.y}, {x_of(tick), bottom}, {kGrid, 1});
        canvas.text({x_of(tick), bottom + 16}, plain_number(tick),
                    {.size = 10, .align = TextAlign::middle});
    }
    double y = box.y;
    for (std::size_t i = 0; i < bars.size(); ++i) {
        const Bar& bar = bars[i];
        if (i == 0 || bar.label != bars[i - 1].label) {
            y += kGroupGap;
            canvas.text({box.x - 8, y + kBarHeight - 5}, bar.label,
                        {.size = kTextSize, .align = TextAlign::end});
        }
        const Box area{box.x, y + 1, x_of(bar.value) - box.x, kBarHeight - 2};
        canvas.rectangle(area,
                         {kSeriesFills[bar.series % kSeriesFills.size()], Stroke{kBlack, 0.5}});
        double end = area.x + area.width;
        if (bar.predicted > 0) {
            const double at = x_of(bar.predicted);
            draw_diamond(canvas, {at, y + kBarHeight / 2}, 5, {kWhite, Stroke{kBlack, 1.2}});
            if (at + 5 > end) end = std::max(end, std::abs(at - end) < words_room ? at + 5 : end);
        }
        canvas.text({end + 6, y + kBarHeight - 5}, bar.words, {.size = 11});
        y += kBarHeight;
    }
    canvas.line({box.x, box.y}, {box.x, bottom}, {});
    canvas.line({box.x, bottom}, {box.x + box.width - words_room, bottom}, {});
    canvas.text({box.x + (box.width - words_room) / 2, bottom + 34},
                unit + (axis.logarithmic() ? ", logarithmic scale" : ""),
                {.size = kTextSize, .align = TextAlign::middle});
}

std::vector<int> thread_counts(const Comparison& comparison) {
    std::vector<int> counts;
    for (const MethodResult& result : comparison.results) {
        if (std::find(counts.begin(), counts.end(), result.threads) == counts.end())
            counts.push_back(result.threads);
    }
    return counts;
}

/// One bar a result that was timed, the threads of one method together.
std::vector<Bar> make_bars(const Comparison& comparison,
                           const std::function<void(const MethodResult&, Bar&)>& fill) {
    const std::vector<int> threads = thread_counts(comparison);
    std::vector<std::string> done;
    std::vector<Bar> bars;
    for (const MethodResult& first : comparison.results) {
        if (std::find(done.begin(), done.end(), first.label()) != done.end()) continue;
        done.push_back(first.label());
        for (const MethodResult& result : comparison.results) {
            if (result.label() != first.label() || result.time.count == 0) continue;
            Bar bar{result.label(), 0, 0, 0, {}};
            bar.series = static_cast<std::size_t>(
                std::find(threads.begin(), threads.end(), result.threads) - threads.begin());
            fill(result, bar);
            bars.push_back(std::move(bar));
        }
    }
    return bars;
}

void draw_series_legend(Canvas& canvas, Point at, const Comparison& comparison) {
    const std::vector<int> threads = thread_counts(comparison);
    for (std::size_t i = 0; i < threads.size(); ++i) {
        canvas.rectangle({at.x, at.y - 10, 14, 11},
                         {kSeriesFills[i % kSeriesFills.size()], Stroke{kBlack, 0.5}});
        const std::string words =
            fmt::format("{} thread{}", threads[i], threads[i] == 1 ? "" : "s");
        canvas.text({at.x + 19, at.y}, words, {.size = 11});
        at.x += 34 + text_width(words, 11);
    }
    draw_diamond(canvas, {at.x + 5, at.y - 4}, 5, {kWhite, Stroke{kBlack, 1.2}});
    canvas.text({at.x + 15, at.y}, "predicted", {.size = 11});
}

using Marker = void (*)(Canvas&, Point, const Paint&);
void circle_marker(Canvas& canvas, Point at, const Paint& paint) {
    canvas.circle(at, 4.5, paint);
}
void square_marker(Canvas& canvas, Point at, const Paint& paint) {
    canvas.rectangle({at.x - 4, at.y - 4, 8, 8}, paint);
}
void triangle_marker(Canvas& canvas, Point at, const Paint& paint) {
    canvas.polygon({{at.x, at.y - 5.5}, {at.x + 5.5, at.y + 4}, {at.x - 5.5, at.y + 4}}, paint);
}
void diamond_marker(Canvas& canvas, Point at, const Paint& paint) {
    draw_diamond(canvas, at, 6, paint);
}
void low_triangle_marker(Canvas& canvas, Point at, const Paint& paint) {
    canvas.polygon({{at.x, at.y + 5.5}, {at.x + 5.5, at.y - 4}, {at.x - 5.5, at.y - 4}}, paint);
}
constexpr std::array<Marker, 5> kMarkers{circle_marker, square_marker, triangle_marker,
                                         diamond_marker, low_triangle_marker};
/// Apart in lightness, so that they stay apart in grey.
constexpr std::array<Colour, 6> kLineColours{
    {{0, 0, 0}, {20, 80, 160}, {205, 95, 20}, {130, 160, 90}, {125, 45, 120}, {150, 150, 150}}};

struct Line {
    std::string label;
    std::vector<Point> points;  ///< (size, milliseconds)
};

std::vector<Line> sweep_lines(const std::vector<SweepStep>& steps) {
    const bool several = thread_counts(steps.front().comparison).size() > 1;
    std::vector<Line> lines;
    for (const SweepStep& step : steps) {
        for (const MethodResult& result : step.comparison.results) {
            if (result.time.count == 0) continue;
            const std::string label =
                several ? fmt::format("{}, {} thr.", result.label(), result.threads)
                        : result.label();
            auto line = std::find_if(lines.begin(), lines.end(),
                                     [&](const Line& l) { return l.label == label; });
            if (line == lines.end()) line = lines.insert(lines.end(), {label, {}});
            line->points.push_back({static_cast<double>(step.size), result.time.median * 1e3});
        }
    }
    return lines;
}

/// Heights for labels at about the wished ones, at least `gap` apart.
std::vector<double> spread_apart(std::vector<std::pair<double, std::size_t>> wishes, double gap) {
    std::sort(wishes.begin(), wishes.end());
    std::vector<double> heights(wishes.size());
    double above = -1e9;
    for (const auto& [wish, index] : wishes) above = heights[index] = std::max(wish, above + gap);
    return heights;
}

struct ChartArea {
    Box box;
    Axis across, up;
    Point place(Point value) const {
        return {box.x + across.place(value.x) * box.width,
                box.y + box.height - up.place(value.y) * box.height};
    }
};

void draw_sweep_axes(Canvas& canvas, const ChartArea& area, const std::vector<SweepStep>& steps) {
    const Box& box = area.box;
    const double bottom = box.y + box.height;
    for (const double tick : area.up.ticks()) {
        const double y = area.place({1, tick}).y;
        canvas.line({box.x, y}, {box.x + box.width, y}, {kGrid, 1});
        canvas.text({box.x - 8, y + 4}, plain_number(tick), {.size = 11, .align = TextAlign::end});
    }
    for (const SweepStep& step : steps) {
        const double x = area.place({static_cast<double>(step.size), 1}).x;
        canvas.line({x, bottom}, {x, bottom + 5}, {});
        canvas.text({x, bottom + 19}, std::to_string(step.size),
                    {.size = 11, .align = TextAlign::middle});
    }
    canvas.rectangle(box, {{}, Stroke{}});
    canvas.text({box.x + box.width / 2, bottom + 40}, "kernel size in pixels (logarithmic scale)",
                {.size = kTextSize, .align = TextAlign::middle});
    canvas.text({26, box.y + box.height / 2}, "time in ms (logarithmic scale)",
                {.size = kTextSize, .align = TextAlign::middle, .upwards = true});
}

}  // namespace

std::string draw_comparison(const std::string& path, const SweepStep& step,
                            const ChartCaption& caption) {
    const Comparison& comparison = step.comparison;
    const std::vector<Bar> times = make_bars(comparison, [](const MethodResult& result, Bar& bar) {
        bar.value = result.time.median * 1e3;
        bar.predicted = result.predicted_seconds * 1e3;
        bar.words = format_seconds(result.time.median);
    });
    const std::vector<Bar> memory = make_bars(comparison, [](const MethodResult& result, Bar& bar) {
        const std::int64_t bytes = result.measured_bytes.value_or(result.workspace_bytes);
        bar.value = static_cast<double>(bytes) / (1 << 20);
        bar.predicted = static_cast<double>(result.predicted_bytes) / (1 << 20);
        bar.words = format_bytes(bytes);
    });
    double labels = 0;
    for (const Bar& bar : times) labels = std::max(labels, text_width(bar.label, kTextSize));
    const double top = 108, height = bars_height(times), panel = 380;
    const double width = 2 * (labels + panel) + 4 * kMargin;
    const auto canvas = make_canvas(path, width, top + height + 52);
    draw_caption(*canvas, caption, comparison.problem);
    draw_series_legend(*canvas, {kMargin, 70}, comparison);
    const double left = kMargin + labels + 8, right = left + panel + kMargin + labels;
    for (const auto& [x, head, bars, unit] :
         {std::tuple(left, "Time, median", &times, "milliseconds"),
          std::tuple(right, "Extra memory", &memory, "MiB")}) {
        canvas->text({x, top - 10}, head, {.size = 13, .bold = true});
        draw_bars(*canvas, {x, top, panel, height}, *bars, unit);
    }
    return canvas->finish();
}

std::string draw_sweep(const std::string& path, const std::vector<SweepStep>& steps,
                       const ChartCaption& caption) {
    const std::vector<Line> lines = sweep_lines(steps);
    std::vector<double> sizes, times;
    for (const Line& line : lines) {
        for (const Point& point : line.points) {
            sizes.push_back(point.x);
            times.push_back(point.y);
        }
    }
    const auto canvas = make_canvas(path, 860, 560);
    draw_caption(
        *canvas, caption,
        fmt::format("{} to {}", steps.front().comparison.problem, steps.back().comparison.problem));
    if (lines.empty()) return canvas->finish();
    const ChartArea area{
        {84, 66, 610, 426}, Axis::tight_logarithmic(sizes), Axis::tight_logarithmic(times)};
    draw_sweep_axes(*canvas, area, steps);
    std::vector<std::pair<double, std::size_t>> ends;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        std::vector<Point> points;
        for (const Point& point : lines[i].points) points.push_back(area.place(point));
        const Colour colour = kLineColours[i % kLineColours.size()];
        canvas->polyline(points, {colour, 1.8});
        const bool hollow = i / kMarkers.size() % 2 == 1;
        for (const Point& point : points) {
            kMarkers[i % kMarkers.size()](*canvas, point,
                                          {hollow ? kWhite : colour, Stroke{colour, 1.5}});
        }
        ends.emplace_back(points.back().y, i);
    }
    const std::vector<double> heights = spread_apart(ends, 18);
    const double right = area.box.x + area.box.width;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const Colour colour = kLineColours[i % kLineColours.size()];
        const bool hollow = i / kMarkers.size() % 2 == 1;
        kMarkers[i % kMarkers.size()](*canvas, {right + 20, heights[i]},
                                      {hollow ? kWhite : colour, Stroke{colour, 1.5}});
        canvas->text({right + 32, heights[i] + 4}, lines[i].label, {.size = kTextSize});
    }
    return canvas->finish();
}

std::string processor_name() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);) {
        const std::size_t colon = line.find(": ");
        if (line.starts_with("model name") && colon != std::string::npos)
            return line.substr(colon + 2);
    }
    return "unknown processor";
}

}  // namespace conv
