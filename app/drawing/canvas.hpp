#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conv {

struct Colour {
    std::uint8_t red = 0, green = 0, blue = 0;
    bool operator==(const Colour&) const = default;
};

inline constexpr Colour kBlack{0, 0, 0}, kWhite{255, 255, 255};

/// A place on a canvas, from its top left corner, x to the right and y down.
struct Point {
    double x = 0, y = 0;
};

struct Box {
    double x = 0, y = 0, width = 0, height = 0;
};

struct Stroke {
    Colour colour = kBlack;
    double width = 1;
};

/// How a shape is painted: its inside, its outline, or both.
struct Paint {
    std::optional<Colour> fill;
    std::optional<Stroke> outline;
    bool kept = false;  ///< its colours stand for values: the same on a dark sheet
};

enum class TextAlign { start, middle, end };

struct TextStyle {
    double size = 14;                    ///< of the letters, about 1.4 times a capital's height
    TextAlign align = TextAlign::start;  ///< what of the text stands at its point
    Colour colour = kBlack;
    bool bold = false;
    bool upwards = false;  ///< turned by 90 degrees, read from bottom to top
    bool kept = false;     ///< stands on what is kept: the same on a dark sheet
};

/// Pixels to draw, RGB, rows from the top.
struct PixelGrid {
    std::int64_t width = 0, height = 0;
    std::vector<std::uint8_t> rgb;  ///< width * height * 3
};

/// A sheet to draw figures on, the same whatever file becomes of it. What is drawn later
/// covers what was drawn before; text outside the sheet is lost.
class Canvas {
public:
    virtual ~Canvas() = default;

    virtual void rectangle(const Box& box, const Paint& paint) = 0;
    virtual void circle(Point centre, double radius, const Paint& paint) = 0;
    /// A closed outline; it does not cross itself.
    virtual void polygon(const std::vector<Point>& corners, const Paint& paint) = 0;
    virtual void polyline(const std::vector<Point>& points, const Stroke& stroke) = 0;
    /// One line of UTF-8 text whose baseline begins, is centred or ends at `at`.
    virtual void text(Point at, std::string_view words, const TextStyle& style) = 0;
    /// The pixels scaled to fill the box, each a sharp-edged block.
    virtual void image(const Box& box, const PixelGrid& pixels) = 0;
    /// What the figure says, for those who cannot see it; .svg has a place for it.
    virtual void describe(std::string_view) {}
    /// The finished file's bytes.
    virtual std::string finish() = 0;

    void line(Point from, Point to, const Stroke& stroke) { polyline({from, to}, stroke); }
};

/// Width that one line of text takes on any canvas, to leave room for it; an estimate from above.
double text_width(std::string_view words, double size);

/// The path without its format: "/dev/fd/3" of "svg:/dev/fd/3".
std::string drawing_path(const std::string& path);

/// Whether `path` ends in an extension that make_canvas knows, or begins with one ("svg:").
bool is_drawing_name(const std::string& path);

/// Throws Error{usage} unless is_drawing_name, naming what would work.
void check_drawing_name(const std::string& path);

/// What a drawing stands on: for paper and most pages, or for dark slides (dark_canvas.hpp).
enum class Ground { white, dark };

/// A canvas of the file format that the path asks for (.svg, .png), `width` x `height`
/// units; in a .png a unit is two pixels. Throws as check_drawing_name.
std::unique_ptr<Canvas> make_canvas(const std::string& path, double width, double height,
                                    Ground ground = Ground::white);

}  // namespace conv
