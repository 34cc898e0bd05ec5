#include "drawing/svg_canvas.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "files/opencv_codec.hpp"

namespace conv {
namespace {

std::string hex(Colour colour) {
    return fmt::format("#{:02x}{:02x}{:02x}", colour.red, colour.green, colour.blue);
}

/// A coordinate, to a hundredth of a unit.
std::string number(double value) {
    std::string text = fmt::format("{:.2f}", value);
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
    return text == "-0" ? "0" : text;
}

std::string stroke_attributes(const Stroke& stroke) {
    return fmt::format(R"(stroke="{}" stroke-width="{}")", hex(stroke.colour),
                       number(stroke.width));
}

std::string paint_attributes(const Paint& paint) {
    const std::string fill = fmt::format(R"(fill="{}")", paint.fill ? hex(*paint.fill) : "none");
    return paint.outline ? fill + ' ' + stroke_attributes(*paint.outline) : fill;
}

/// XML's special characters by name; control characters, which XML forbids, as '?'.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
        }
    }
    return out;
}

std::string point_list(const std::vector<Point>& points) {
    std::string list;
    for (const Point& point : points) {
        if (!list.empty()) list += ' ';
        list += number(point.x) + ',' + number(point.y);
    }
    return list;
}

std::string base64(const std::vector<std::uint8_t>& bytes) {
    static constexpr char kDigits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j) group = group << 8U | (j < count ? bytes[i + j] : 0U);
        for (std::size_t j = 0; j < 4; ++j) {
            text += j <= count ? kDigits[group >> (18 - 6 * j) & 63U] : '=';
        }
    }
    return text;
}

std::vector<std::uint8_t> png_bytes(const PixelGrid& pixels) {
    Image picture = Image::interleaved(SampleType::u8, 3, pixels.height, pixels.width);
    std::copy(pixels.rgb.begin(), pixels.rgb.end(), picture.data<std::uint8_t>());
    return encode_with_opencv(std::move(picture), ".png", {});
}

constexpr std::array<const char*, 3> kAlignNames{"start", "middle", "end"};

class SvgCanvas final : public Canvas {
public:
    SvgCanvas(double width, double height) {
        head_ = fmt::format(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<svg xmlns=\"http://www.w3.org/2000/svg\" "
            "xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"{0}\" height=\"{1}\" "
            "viewBox=\"0 0 {0} {1}\" role=\"img\" font-family=\"DejaVu Sans, Helvetica, Arial, "
            "sans-serif\">\n",
            number(width), number(height));
        rectangle({0, 0, width, height}, {kWhite, {}});
    }

    void rectangle(const Box& box, const Paint& paint) override {
        body_ += fmt::format("<rect {} {}/>\n", box_attributes(box), paint_attributes(paint));
    }

    void circle(Point centre, double radius, const Paint& paint) override {
        body_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" {}/>\n", number(centre.x),
                             number(centre.y), number(radius), paint_attributes(paint));
    }

    void polygon(const std::vector<Point>& corners, const Paint& paint) override {
        body_ += fmt::format("<polygon points=\"{}\" {}/>\n", point_list(corners),
                             paint_attributes(paint));
    }

    void polyline(const std::vector<Point>& points, const Stroke& stroke) override {
        body_ +=
            fmt::format("<polyline points=\"{}\" fill=\"none\" stroke-linejoin=\"round\" {}/>\n",
                        point_list(points), stroke_attributes(stroke));
    }

    void text(Point at, std::string_view words, const TextStyle& style) override {
        if (title_.empty()) title_ = words;
        const std::string x = number(at.x), y = number(at.y);
        body_ += fmt::format(
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"{}\" "
            "fill=\"{}\"{}{}>{}</text>\n",
            x, y, number(style.size), kAlignNames[static_cast<std::size_t>(style.align)],
            hex(style.colour), style.bold ? " font-weight=\"bold\"" : "",
            style.upwards ? fmt::format(" transform=\"rotate(-90 {} {})\"", x, y) : "",
            escaped(words));
    }

    void image(const Box& box, const PixelGrid& pixels) override {
        // Some viewers smear an enlarged picture whatever it says: few pixels are rectangles.
        constexpr std::int64_t kMostRectangles = 8192;
        if (pixels.width * pixels.height <= kMostRectangles) return draw_cells(box, pixels);
        body_ += fmt::format(
            "<image {} preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" "
            "xlink:href=\"data:image/png;base64,{}\"/>\n",
            box_attributes(box), base64(png_bytes(pixels)));
    }

    void describe(std::string_view words) override { description_ = words; }

    std::string finish() override {
        const auto element = [](const char* name, const std::string& words) {
            return words.empty() ? "" : fmt::format("<{0}>{1}</{0}>\n", name, escaped(words));
        };
        return head_ + element("title", title_) + element("desc", description_) + body_ +
               "</svg>\n";
    }

private:
    /// One rectangle for each run of equal pixels in a row.
    void draw_cells(const Box& box, const PixelGrid& pixels) {
        const double width = box.width / static_cast<double>(pixels.width);
        const double height = box.height / static_cast<double>(pixels.height);
        body_ += "<g shape-rendering=\"crispEdges\">\n";
        for (std::int64_t y = 0; y < pixels.height; ++y) {
            for (std::int64_t x = 0, end = 0; x < pixels.width; x = end) {
                const Colour colour = pixel(pixels, x, y);
                for (end = x + 1; end < pixels.width && pixel(pixels, end, y) == colour;) ++end;
                rectangle({box.x + width * static_cast<double>(x),
                           box.y + height * static_cast<double>(y),
                           width * static_cast<double>(end - x), height},
                          {colour, {}});
            }
        }
        body_ += "</g>\n";
    }

    static Colour pixel(const PixelGrid& pixels, std::int64_t x, std::int64_t y) {
        const auto at = static_cast<std::size_t>((y * pixels.width + x) * 3);
        return {pixels.rgb[at], pixels.rgb[at + 1], pixels.rgb[at + 2]};
    }

    static std::string box_attributes(const Box& box) {
        return fmt::format(R"(x="{}" y="{}" width="{}" height="{}")", number(box.x), number(box.y),
                           number(box.width), number(box.height));
    }

    std::string head_, title_, description_, body_;  ///< the first text is the figure's title
};

}  // namespace

std::unique_ptr<Canvas> make_svg_canvas(double width, double height) {
    return std::make_unique<SvgCanvas>(width, height);
}

}  // namespace conv
