#include "compare/charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>

#include "base/size.hpp"
#include "compare/method_looks.hpp"
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

/// One row of a panel: a value with the range about it that half of the runs kept to, and a
/// prediction to mark beside it where there is one.
struct Mark {
    std::string label;  ///< of its group; the same for marks of several series
    std::size_t series = 0;
    double value = 0, spread = 0, predicted = 0;
    std::string words;  ///< the value as text
    bool automatic = false;
};

constexpr double kRowHeight = 18, kGroupGap = 10;

double rows_height(const std::vector<Mark>& marks) {
    double height = 0;
    for (std::size_t i = 0; i < marks.size(); ++i) {
        const bool first = i == 0 || marks[i].label != marks[i - 1].label;
        height += kRowHeight + (first ? kGroupGap : 0);
    }
    return height + kGroupGap;
}

/// One dot a row in `box` with a scale below; labels stand to the left of the box.
void draw_rows(Canvas& canvas, const Box& box, const std::vector<Mark>& marks,
               const std::string& unit) {
    std::vector<double> values;
    for (const Mark& mark : marks) {
        values.push_back(mark.value + mark.spread / 2);
        if (mark.predicted > 0) values.push_back(mark.predicted);
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
    for (std::size_t i = 0; i < marks.size(); ++i) {
        const Mark& mark = marks[i];
        if (i == 0 || mark.label != marks[i - 1].label) {
            y += kGroupGap;
            canvas.text({box.x - 8, y + kRowHeight - 5}, mark.label,
                        {.size = kTextSize, .align = TextAlign::end, .bold = mark.automatic});
        }
        const double middle = y + kRowHeight / 2;
        const double low = x_of(mark.value - mark.spread / 2);
        double end = x_of(mark.value + mark.spread / 2);
        if (mark.spread > 0) canvas.line({low, middle}, {end, middle}, {colour_of(mark.label), 2});
        draw_marker(canvas, {x_of(mark.value), middle}, mark.label);
        if (mark.predicted > 0) {
            const double at = x_of(mark.predicted);
            draw_diamond(canvas, {at, middle}, 5, {{}, Stroke{kBlack, 1.2}});
            if (at > end && at - end < words_room) end = at;
        }
        canvas.text({end + 10, y + kRowHeight - 5}, mark.words, {.size = 11});
        y += kRowHeight;
    }
    canvas.line({box.x, box.y}, {box.x, bottom}, {});
    canvas.line({box.x, bottom}, {box.x + box.width - words_room, bottom}, {});
    canvas.text({box.x + (box.width - words_room) / 2, bottom + 34},
                unit + (axis.logarithmic() ? ", logarithmic scale" : ""),
                {.size = kTextSize, .align = TextAlign::middle});
}

/// "separable: 765.0 us, 1.1 MiB; ...", the rows of both panels.
std::string description_of(const std::vector<Mark>& times, const std::vector<Mark>& memory) {
    std::string text;
    for (std::size_t i = 0; i < times.size(); ++i) {
        text += fmt::format("{}{}: {}, {}", i == 0 ? "" : "; ", times[i].label, times[i].words,
                            memory[i].words);
    }
    return text;
}

std::vector<int> thread_counts(const Comparison& comparison) {
    std::vector<int> counts;
    for (const MethodResult& result : comparison.results) {
        if (std::find(counts.begin(), counts.end(), result.threads) == counts.end())
            counts.push_back(result.threads);
    }
    return counts;
}

/// Labels of the methods that were timed, the fastest with the first number of threads first.
std::vector<std::string> labels_by_speed(const Comparison& comparison) {
    std::vector<std::pair<double, std::string>> fastest;
    for (const MethodResult& result : comparison.results) {
        const auto known = std::find_if(fastest.begin(), fastest.end(), [&](const auto& entry) {
            return entry.second == result.label();
        });
        if (result.time.count > 0 && known == fastest.end())
            fastest.emplace_back(result.time.median, result.label());
    }
    std::stable_sort(fastest.begin(), fastest.end());
    std::vector<std::string> labels;
    labels.reserve(fastest.size());
    for (auto& [seconds, label] : fastest) labels.push_back(std::move(label));
    return labels;
}

/// One mark a result that was timed, the threads of one method together.
std::vector<Mark> make_marks(const Comparison& comparison,
                             const std::function<void(const MethodResult&, Mark&)>& fill) {
    const std::vector<int> threads = thread_counts(comparison);
    std::vector<Mark> marks;
    for (const std::string& label : labels_by_speed(comparison)) {
        for (const MethodResult& result : comparison.results) {
            if (result.label() != label || result.time.count == 0) continue;
            Mark mark;
            mark.label = label;
            mark.automatic = label == comparison.automatic;
            fill(result, mark);
            if (threads.size() > 1) mark.words += fmt::format(", {} thr.", result.threads);
            marks.push_back(std::move(mark));
        }
    }
    return marks;
}

void draw_legend(Canvas& canvas, Point at, const Comparison& comparison) {
    draw_diamond(canvas, {at.x + 5, at.y - 4}, 5, {{}, Stroke{kBlack, 1.2}});
    std::string words = "predicted; a line: what half of the runs kept to";
    if (!comparison.automatic.empty()) words += "; bold: what apply takes";
    canvas.text({at.x + 15, at.y}, words, {.size = 11});
}

struct LinePoint {
    double size = 0, time = 0, spread = 0;  ///< milliseconds
    bool automatic = false;
};

struct Line {
    std::string label;
    std::vector<LinePoint> points;
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
            line->points.push_back({static_cast<double>(step.size), result.time.median * 1e3,
                                    result.time.spread * 1e3,
                                    result.label() == step.comparison.automatic});
        }
    }
    return lines;
}

/// "gemm: 0.1 ms at 3, 0.2 ms at 5; ...", every point of every line.
std::string description_of(const std::vector<Line>& lines) {
    std::string text;
    for (const Line& line : lines) {
        text += (text.empty() ? "" : "; ") + line.label;
        for (const LinePoint& point : line.points) {
            text += fmt::format("{} {:.3g} ms at {:g}", &point == &line.points.front() ? ":" : ",",
                                point.time, point.size);
        }
    }
    return text;
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

void draw_line(Canvas& canvas, const ChartArea& area, const Line& line) {
    std::vector<Point> points;
    for (const LinePoint& point : line.points)
        points.push_back(area.place({point.size, point.time}));
    const Colour colour = colour_of(line.label);
    canvas.polyline(points, {colour, 1.8});
    for (std::size_t i = 0; i < points.size(); ++i) {
        const LinePoint& point = line.points[i];
        const double half = std::min(point.spread / 2, point.time / 2);
        canvas.line(area.place({point.size, point.time - half}),
                    area.place({point.size, point.time + half}), {colour, 1});
        draw_marker(canvas, points[i], line.label);
        if (point.automatic) canvas.circle(points[i], 9, {{}, Stroke{kBlack, 1.2}});
    }
}

}  // namespace

std::string draw_comparison(const std::string& path, const SweepStep& step,
                            const ChartCaption& caption, Ground ground) {
    const Comparison& comparison = step.comparison;
    const auto times = make_marks(comparison, [](const MethodResult& result, Mark& mark) {
        mark.value = result.time.median * 1e3;
        mark.spread = result.time.count > 1 ? result.time.spread * 1e3 : 0;
        mark.predicted = result.predicted_seconds * 1e3;
        mark.words = format_seconds(result.time.median);
    });
    const auto memory = make_marks(comparison, [](const MethodResult& result, Mark& mark) {
        mark.value = static_cast<double>(result.workspace_bytes) / (1 << 20);
        mark.words = format_bytes(result.workspace_bytes);
    });
    double labels = 0;
    for (const Mark& mark : times) labels = std::max(labels, text_width(mark.label, kTextSize));
    const double top = 108, height = rows_height(times), panel = 320;
    const double width = 2 * (labels + panel) + 4 * kMargin;
    const auto canvas = make_canvas(path, width, top + height + 52, ground);
    canvas->describe(description_of(times, memory));
    draw_caption(*canvas, caption, comparison.problem);
    draw_legend(*canvas, {kMargin, 70}, comparison);
    const double left = kMargin + labels + 8, right = left + panel + kMargin + labels;
    for (const auto& [x, head, marks, unit] :
         {std::tuple(left, "Time, median", &times, "milliseconds"),
          std::tuple(right, "Memory beside the result", &memory, "MiB")}) {
        canvas->text({x, top - 10}, head, {.size = 13, .bold = true});
        draw_rows(*canvas, {x, top, panel, height}, *marks, unit);
    }
    return canvas->finish();
}

std::string draw_sweep(const std::string& path, const std::vector<SweepStep>& steps,
                       const ChartCaption& caption, Ground ground) {
    const std::vector<Line> lines = sweep_lines(steps);
    std::vector<double> sizes, times;
    for (const Line& line : lines) {
        for (const LinePoint& point : line.points) {
            sizes.push_back(point.size);
            times.push_back(point.time);
        }
    }
    const auto canvas = make_canvas(path, 860, 572, ground);
    canvas->describe(description_of(lines));
    draw_caption(
        *canvas, caption,
        fmt::format("{} to {}", steps.front().comparison.problem, steps.back().comparison.problem));
    if (lines.empty()) return canvas->finish();
    const ChartArea area{
        {84, 66, 610, 426}, Axis::tight_logarithmic(sizes), Axis::tight_logarithmic(times)};
    draw_sweep_axes(*canvas, area, steps);
    std::vector<std::pair<double, std::size_t>> ends;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        draw_line(*canvas, area, lines[i]);
        const LinePoint& last = lines[i].points.back();
        ends.emplace_back(area.place({last.size, last.time}).y, i);
    }
    const std::vector<double> heights = spread_apart(ends, 18);
    const double right = area.box.x + area.box.width;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        draw_marker(*canvas, {right + 20, heights[i]}, lines[i].label);
        canvas->text({right + 32, heights[i] + 4}, lines[i].label, {.size = kTextSize});
    }
    canvas->text({area.box.x, area.box.y + area.box.height + 58},
                 "ringed: what apply takes; upright lines: what half of the runs kept to",
                 {.size = 11, .colour = kGreyText});
    return canvas->finish();
}

}  // namespace conv
