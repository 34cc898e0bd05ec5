#include "drawing/canvas.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "base/error.hpp"
#include "files/image_file.hpp"
#include "support/test_files.hpp"

using namespace conv;

namespace {

/// A small drawing with one of each shape.
std::string drawn(const std::string& name) {
    const auto canvas = make_canvas(name, 100, 60);
    canvas->rectangle({10, 10, 20, 20}, {Colour{200, 0, 0}, {}});
    canvas->circle({60, 20}, 8, {Colour{0, 0, 200}, Stroke{}});
    canvas->polygon({{80, 10}, {95, 30}, {70, 30}}, {{}, Stroke{kBlack, 2}});
    canvas->line({0, 50}, {100, 50}, {Colour{0, 120, 0}, 2});
    canvas->text({50, 45}, "a < b & \"c\"", {.size = 10, .align = TextAlign::middle});
    canvas->image({40, 40, 4, 4}, {2, 2, {255, 255, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0}});
    return canvas->finish();
}

}  // namespace

TEST_CASE("canvas: svg escapes what XML reserves and closes what it opens") {
    const std::string svg = drawn("x.svg");
    CHECK(svg.starts_with("<?xml"));
    CHECK(svg.ends_with("</svg>\n"));
    CHECK(svg.find("a &lt; b &amp; &quot;c&quot;") != std::string::npos);
    CHECK(svg.find("<rect x=\"10\" y=\"10\" width=\"20\" height=\"20\" fill=\"#c80000\"/>") !=
          std::string::npos);
    CHECK(svg.find("<title>a &lt; b") != std::string::npos);
}

TEST_CASE("canvas: svg has rectangles for few pixels, which no viewer smears, a picture for many") {
    const std::string few = drawn("x.svg");
    CHECK(few.find("<image") == std::string::npos);
    CHECK(few.find("<rect x=\"40\" y=\"40\" width=\"2\" height=\"2\" fill=\"#ffff00\"/>") !=
          std::string::npos);
    const auto canvas = make_canvas("x.svg", 100, 60);
    canvas->image({0, 0, 100, 60}, {200, 120, std::vector<std::uint8_t>(200 * 120 * 3, 9)});
    CHECK(canvas->finish().find("data:image/png;base64,iVBORw0KGgo") != std::string::npos);
}

TEST_CASE("canvas: svg tells what it shows to those who cannot see it") {
    const auto canvas = make_canvas("x.svg", 100, 60);
    canvas->describe("a < b");
    CHECK(canvas->finish().find("<desc>a &lt; b</desc>\n<rect") != std::string::npos);
}

TEST_CASE("canvas: on a dark sheet lightness turns round, hues, values and pictures stay") {
    const auto canvas = make_canvas("x.svg", 100, 60, Ground::dark);
    canvas->rectangle({1, 1, 2, 2}, {Colour{200, 0, 0}, {}});
    canvas->rectangle({2, 2, 2, 2}, {Colour{1, 2, 3}, {}, true});
    canvas->text({5, 5}, "ink", {});
    canvas->text({5, 5}, "kept", {.kept = true});
    canvas->image({40, 40, 4, 4}, {1, 1, {9, 8, 7}});
    const std::string svg = canvas->finish();
    CHECK(svg.find("height=\"60\" fill=\"#181818\"/>") != std::string::npos);
    CHECK(svg.find("fill=\"#ff4a4a\"") != std::string::npos);  // red, light in place of dark
    CHECK(svg.find("fill=\"#010203\"") != std::string::npos);
    CHECK(svg.find("fill=\"#ffffff\">ink<") != std::string::npos);
    CHECK(svg.find("fill=\"#000000\">kept<") != std::string::npos);
    CHECK(svg.find("fill=\"#090807\"") != std::string::npos);
}

TEST_CASE("canvas: a png holds the shapes' colours at two pixels a unit") {
    const test::TemporaryFolder folder;
    const std::string path = folder.file("x.PNG");
    const std::string bytes = drawn(path);
    std::ofstream(path, std::ios::binary) << bytes;
    const ImageDocument document = read_image(path);
    const Image& page = document.pages.front();
    REQUIRE(page.shape == Shape{1, 3, 120, 200});
    const auto colour = [&](int x, int y) {
        const auto* at = page.data<std::uint8_t>() + y * page.strides.H + x * page.strides.W;
        return Colour{at[0], at[page.strides.C], at[2 * page.strides.C]};
    };
    CHECK(colour(40, 40) == Colour{200, 0, 0});
    CHECK(colour(120, 40) == Colour{0, 0, 200});
    CHECK(colour(4, 4) == kWhite);
    CHECK(colour(20, 100) == Colour{0, 120, 0});
    CHECK(colour(81, 81) == Colour{255, 255, 0});
    CHECK(colour(86, 81) == kBlack);
}

TEST_CASE("canvas: text turned upwards is tall, text along the line is wide") {
    const auto extent = [](bool upwards) {
        const test::TemporaryFolder folder;
        const std::string path = folder.file("t.png");
        const auto canvas = make_canvas(path, 100, 100);
        canvas->text({50, 50}, "wide words",
                     {.size = 12, .align = TextAlign::middle, .upwards = upwards});
        std::ofstream(path, std::ios::binary) << canvas->finish();
        const ImageDocument document = read_image(path);
        const Image& page = document.pages.front();
        std::int64_t left = 200, right = 0, top = 200, bottom = 0;
        for (std::int64_t y = 0; y < 200; ++y) {
            for (std::int64_t x = 0; x < 200; ++x) {
                const auto* at =
                    page.data<std::uint8_t>() + y * page.strides.H + x * page.strides.W;
                if (at[0] > 128) continue;
                left = std::min(left, x), right = std::max(right, x);
                top = std::min(top, y), bottom = std::max(bottom, y);
            }
        }
        return std::pair(right - left, bottom - top);
    };
    const auto [wide, low] = extent(false);
    const auto [narrow, tall] = extent(true);
    CHECK(wide > 3 * low);
    CHECK(static_cast<double>(tall) == doctest::Approx(static_cast<double>(wide)).epsilon(0.05));
    CHECK(static_cast<double>(narrow) == doctest::Approx(static_cast<double>(low)).epsilon(0.2));
}

TEST_CASE("canvas: text_width leaves room for the text") {
    CHECK(text_width("µm", 10) == doctest::Approx(12));
}

TEST_CASE("canvas: an unknown extension is refused with those that work") {
    CHECK_THROWS_WITH_AS(make_canvas("plot.pdf", 10, 10),
                         doctest::Contains("use one that ends in .svg or .png"), Error);
}

TEST_CASE(
    "canvas: letters of a png stand where those of an svg do, between baseline and capitals") {
    const test::TemporaryFolder folder;
    const std::string path = folder.file("letters.png"), words = "HxH × 640 – µm";
    const auto canvas = make_canvas(path, 300, 60);
    canvas->text({20, 40}, words, {.size = 20});
    std::ofstream(path, std::ios::binary) << canvas->finish();
    const Image page = read_image(path).pages.front();
    int left = 600, right = 0, top = 120, capitals_bottom = 0;
    for (int y = 0; y < 120; ++y) {
        for (int x = 0; x < 600; ++x) {
            if (page.data<std::uint8_t>()[y * page.strides.H + x * page.strides.W] > 128) continue;
            left = std::min(left, x);
            right = std::max(right, x);
            top = std::min(top, y);
            if (x < 70) capitals_bottom = std::max(capitals_bottom, y);  // of the first H
        }
    }
    CHECK(left >= 40);
    CHECK(left <= 46);
    CHECK(right > 40 + 200);
    CHECK(right <= 40 + 2 * text_width(words, 20));
    CHECK(std::abs(capitals_bottom - 80) <= 1);
    CHECK(std::abs(top - (80 - 2 * 20 * 0.73)) <= 3);
}
