#include "drawing/canvas.hpp"

#include <array>
#include <filesystem>
#include <utility>

#include "base/error.hpp"
#include "drawing/dark_canvas.hpp"
#include "drawing/svg_canvas.hpp"
#include "files/file_bytes.hpp"
#include "modules/opencv_functions.hpp"

namespace conv {
namespace {

struct DrawingFormat {
    const char* extension;
    std::unique_ptr<Canvas> (*make)(double width, double height);
};

std::unique_ptr<Canvas> make_png_canvas(double width, double height) {
    return opencv().make_raster_canvas(width, height);
}

constexpr std::array<DrawingFormat, 2> kFormats{
    {{".svg", make_svg_canvas}, {".png", make_png_canvas}}};

/// The format that "svg:PATH" states, or none.
const DrawingFormat* stated_format(const std::string& path) {
    for (const DrawingFormat& format : kFormats) {
        if (path.starts_with(std::string(format.extension + 1) + ":")) return &format;
    }
    return nullptr;
}

/// The format that the path asks for, or none.
const DrawingFormat* find_format(const std::string& path) {
    if (const DrawingFormat* stated = stated_format(path)) return stated;
    std::string extension = std::filesystem::path(path).extension().string();
    for (char& c : extension) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    for (const DrawingFormat& format : kFormats) {
        if (extension == format.extension) return &format;
    }
    return nullptr;
}

const DrawingFormat& format_of(const std::string& path) {
    if (const DrawingFormat* format = find_format(path)) return *format;
    fail(ErrorKind::usage,
         "{}: not a name for a drawing, use one that ends in .svg or .png, or svg:NAME",
         display_name(path));
}

}  // namespace

double text_width(std::string_view words, double size) {
    constexpr double kWidthOfLetter = 0.6;  // of its size, on average, in the widest font
    std::int64_t letters = 0;
    for (const char c : words) {
        if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) ++letters;  // UTF-8 lead bytes
    }
    return static_cast<double>(letters) * kWidthOfLetter * size;
}

std::string drawing_path(const std::string& path) {
    return stated_format(path) ? path.substr(path.find(':') + 1) : path;
}

bool is_drawing_name(const std::string& path) {
    return find_format(path) != nullptr;
}

void check_drawing_name(const std::string& path) {
    format_of(path);
}

std::unique_ptr<Canvas> make_canvas(const std::string& path, double width, double height,
                                    Ground ground) {
    auto canvas = format_of(path).make(width, height);
    if (ground == Ground::white) return canvas;
    return on_dark_sheet(std::move(canvas), width, height);
}

}  // namespace conv
