#include "compare/method_looks.hpp"

#include <algorithm>
#include <array>

namespace conv {
namespace {

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

/// How a method looks in every chart, whatever else is in it. The colours differ in lightness, so
/// that they stay apart in grey and for the colour-blind.
struct Look {
    const char* method;
    Colour colour;
    Marker marker;
};
constexpr std::array<Look, 9> kLooks{{{"naive", {150, 150, 150}, circle_marker},
                                      {"im2col", {205, 95, 20}, square_marker},
                                      {"gemm", {20, 80, 160}, triangle_marker},
                                      {"direct", {0, 0, 0}, diamond_marker},
                                      {"separable", {125, 45, 120}, low_triangle_marker},
                                      {"fft", {40, 140, 90}, circle_marker},
                                      {"winograd", {190, 160, 40}, square_marker},
                                      {"igemm", {95, 165, 220}, triangle_marker},
                                      {"sliding", {215, 110, 165}, diamond_marker}}};

const Look& look_of(const std::string& method) {
    const auto found = std::find_if(kLooks.begin(), kLooks.end(),
                                    [&](const Look& look) { return method == look.method; });
    return found == kLooks.end() ? kLooks.front() : *found;
}

}  // namespace

void draw_diamond(Canvas& canvas, Point at, double radius, const Paint& paint) {
    canvas.polygon({{at.x, at.y - radius},
                    {at.x + radius, at.y},
                    {at.x, at.y + radius},
                    {at.x - radius, at.y}},
                   paint);
}

void draw_marker(Canvas& canvas, Point at, const std::string& label) {
    const std::size_t blank = label.find(' ');
    const bool device = blank != std::string::npos && label.find(',') > blank;
    const std::size_t begin = device ? blank + 1 : 0;
    const Look& look = look_of(label.substr(begin, label.find(',') - begin));
    look.marker(canvas, at, {device ? kWhite : look.colour, Stroke{look.colour, 1.5}});
}

Colour colour_of(const std::string& label) {
    const std::string words = label.substr(0, label.find(','));
    return look_of(words.substr(words.find(' ') == std::string::npos ? 0 : words.find(' ') + 1))
        .colour;
}

}  // namespace conv
