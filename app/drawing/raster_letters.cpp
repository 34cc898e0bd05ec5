#include "drawing/raster_letters.hpp"

#include <ft2build.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include FT_FREETYPE_H

namespace conv {
namespace {

/// Where Debian and its kin keep DejaVu Sans.
constexpr std::array<const char*, 2> kFontFiles{"/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
                                                "/usr/share/fonts/truetype/dejavu/"
                                                "DejaVuSans-Bold.ttf"};

/// The face of the program's one font, or null. Kept for the rest of the process.
FT_Face face_of(bool bold) {
    static const std::array<FT_Face, 2> faces = [] {
        std::array<FT_Face, 2> found{};
        FT_Library library = nullptr;
        if (FT_Init_FreeType(&library) != 0) return found;
        for (std::size_t i = 0; i < found.size(); ++i) {
            if (FT_New_Face(library, kFontFiles[i], 0, &found[i]) != 0) found[i] = nullptr;
        }
        return found;
    }();
    return faces[bold ? 1 : 0];
}

/// The letters of UTF-8 text; bytes that are none become '?'.
std::vector<FT_ULong> code_points(std::string_view words) {
    std::vector<FT_ULong> letters;
    for (std::size_t i = 0; i < words.size();) {
        const auto lead = static_cast<unsigned char>(words[i++]);
        const int more = lead < 0x80 ? 0 : lead < 0xC0 ? -1 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
        FT_ULong letter = more < 0 ? '?' : more == 0 ? lead : lead & (0x3FU >> more);
        for (int k = 0; k < more; ++k, ++i) {
            const auto next = i < words.size() ? static_cast<unsigned char>(words[i]) : 0U;
            if ((next & 0xC0U) != 0x80U) {
                letter = '?';
                break;
            }
            letter = letter << 6U | (next & 0x3FU);
        }
        letters.push_back(letter < 0x20 ? '?' : letter);
    }
    return letters;
}

int rows_of(double size) {
    return 3 * static_cast<int>(std::ceil(size / 2));
}

/// Adds the glyph that the face has just rendered, its origin at `x` on row `baseline`.
void add_glyph(const FT_GlyphSlot glyph, int x, int baseline, cv::Mat& ink) {
    const FT_Bitmap& bitmap = glyph->bitmap;
    for (int row = 0; row < static_cast<int>(bitmap.rows); ++row) {
        const int y = baseline - glyph->bitmap_top + row;
        for (int column = 0; column < static_cast<int>(bitmap.width); ++column) {
            const int at = x + glyph->bitmap_left + column;
            if (y < 0 || y >= ink.rows || at < 0 || at >= ink.cols) continue;
            std::uint8_t& cover = ink.at<std::uint8_t>(y, at);
            cover = std::max(cover, bitmap.buffer[row * bitmap.pitch + column]);
        }
    }
}

cv::Mat outline_ink(FT_Face face, const std::vector<FT_ULong>& letters, double size) {
    constexpr FT_Int32 kAsDrawn = FT_LOAD_NO_HINTING;
    constexpr double kSteps = 64;  // of FreeType's lengths
    FT_Set_Char_Size(face, 0, std::lround(size * kSteps), 72, 72);
    double width = 0;
    for (const FT_ULong letter : letters) {
        if (FT_Load_Char(face, letter, kAsDrawn) == 0)
            width += static_cast<double>(face->glyph->linearHoriAdvance) / 65536;
    }
    cv::Mat ink(rows_of(size), static_cast<int>(std::ceil(width)) + 1, CV_8UC1, cv::Scalar(0));
    double x = 0;
    for (const FT_ULong letter : letters) {
        // Where the letter begins between two pixels, its outline does too.
        FT_Vector fraction{std::lround((x - std::floor(x)) * kSteps), 0};
        FT_Set_Transform(face, nullptr, &fraction);
        if (FT_Load_Char(face, letter, kAsDrawn | FT_LOAD_RENDER) != 0) continue;
        add_glyph(face->glyph, static_cast<int>(x), ink.rows - ink.rows / 3, ink);
        x += static_cast<double>(face->glyph->linearHoriAdvance) / 65536;
    }
    FT_Set_Transform(face, nullptr, nullptr);
    return ink;
}

/// OpenCV's built-in font holds ASCII alone; what the figures use beyond it has a stand-in.
struct StandIn {
    FT_ULong letter;
    std::string_view ascii;
};
constexpr std::array<StandIn, 12> kStandIns{{{0xD7, "x"},
                                             {0xB7, "*"},
                                             {0x2212, "-"},
                                             {0x2013, "-"},
                                             {0x2014, "-"},
                                             {0xB5, "u"},
                                             {0xB1, "+-"},
                                             {0x2026, "..."},
                                             {0x2264, "<="},
                                             {0x2265, ">="},
                                             {0xB0, " deg"},
                                             {0xB2, "^2"}}};

std::string ascii(const std::vector<FT_ULong>& letters) {
    std::string out;
    for (const FT_ULong letter : letters) {
        const auto* known = std::find_if(kStandIns.begin(), kStandIns.end(),
                                         [&](const auto& s) { return s.letter == letter; });
        if (known != kStandIns.end()) {
            out += known->ascii;
        } else {
            out += letter < 0x7F ? static_cast<char>(letter) : '?';
        }
    }
    return out;
}

/// Drawn large and reduced, so that pens have any width and edges are smooth.
cv::Mat stroke_ink(const std::string& letters, double size, bool bold) {
    constexpr double kLarger = 4;
    constexpr double kCapital = 0.72 / 21;  // capitals are 21 of the font's units, 0.72 of the size
    constexpr double kNarrower = 0.88;      // the font runs wider than those of SVG viewers
    const double scale = size * kLarger * kCapital;
    const int pen =
        std::max(static_cast<int>(std::lround(size * kLarger * (bold ? 0.12 : 0.07))), 1);
    int below = 0;
    const int width = cv::getTextSize(letters, cv::FONT_HERSHEY_SIMPLEX, scale, pen, &below).width;
    const int third = rows_of(size) / 3;
    cv::Mat large(static_cast<int>(3 * third * kLarger), width, CV_8UC1, cv::Scalar(0));
    cv::putText(large, letters, {0, static_cast<int>(2 * third * kLarger)},
                cv::FONT_HERSHEY_SIMPLEX, scale, cv::Scalar(255), pen, cv::LINE_AA);
    cv::Mat ink;
    const int columns = std::max(static_cast<int>(std::lround(width / kLarger * kNarrower)), 1);
    cv::resize(large, ink, {columns, 3 * third}, 0, 0, cv::INTER_AREA);
    return ink;
}

}  // namespace

cv::Mat text_ink(std::string_view words, double size, bool bold) {
    const std::vector<FT_ULong> letters = code_points(words);
    if (const FT_Face face = face_of(bold)) return outline_ink(face, letters, size);
    return stroke_ink(ascii(letters), size, bold);
}

}  // namespace conv
