#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

#include "cli.hpp"
#include "kernel_pictures/gallery.hpp"
#include "kernel_pictures/kernel_picture.hpp"
#include "kernel_pictures/palette.hpp"
#include "kernel_pictures/response_cuts.hpp"
#include "kernel_pictures/test_card.hpp"
#include "kernels/builtin.hpp"
#include "support/test_files.hpp"

using namespace conv;

namespace {

double lightness(Colour c) {
    return 0.299 * c.red + 0.587 * c.green + 0.114 * c.blue;
}

std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++count;
    }
    return count;
}

int run_kernel(std::vector<std::string> arguments, std::string* err_text = nullptr) {
    std::ostringstream out, err;
    const int code = run_cli(std::move(arguments), out, err);
    if (err_text) *err_text = err.str();
    return code;
}

}  // namespace

TEST_CASE("palette: it rises in lightness from -1 to 1 with zero half-way, for grey prints") {
    for (int i = -20; i < 20; ++i) {
        CHECK(lightness(diverging_colour(i / 20.0)) <= lightness(diverging_colour((i + 1) / 20.0)));
    }
    const double least = lightness(diverging_colour(-1)), zero = lightness(diverging_colour(0));
    const double greatest = lightness(diverging_colour(1));
    CHECK(std::abs(zero - (least + greatest) / 2) < 20);
    CHECK(diverging_colour(7) == diverging_colour(1));
}

TEST_CASE("palette: letters differ from their ground by a third of all lightness") {
    for (int i = -20; i <= 20; ++i) {
        const Colour ground = diverging_colour(i / 20.0);
        CHECK(std::abs(lightness(letters_on(ground)) - lightness(ground)) > 85);
    }
}

TEST_CASE("kernel picture: small kernels show every value and both axes") {
    const std::string svg = draw_kernels(make_builtin("sobel"), "sobel.svg");
    CHECK(count_of(svg, ">-2<") == 2);  // its cell, and the colour bar
    CHECK(count_of(svg, ">column s<") == 1);
    CHECK(count_of(svg, ">row r<") == 1);
    CHECK(count_of(svg, ">horizontal, cycles per pixel<") == 1);
    CHECK(svg.find("3 x 3, sum 0, rank 1, separable") != std::string::npos);
}

TEST_CASE("response cuts: gains along each axis are those of the column and row sums") {
    const std::vector<Kernel> sobel = make_builtin("sobel");
    const auto cuts = response_cuts(sobel.front().values, 3, 3);
    REQUIRE(cuts.size() == 2);
    // Column sums -4 0 4: 8 |sin 2 pi f|, the largest at a quarter of a cycle; row sums are 0.
    CHECK(cuts[0].gains.front() == doctest::Approx(0).epsilon(1e-12));
    CHECK(cuts[0].gains[64] == doctest::Approx(8));
    CHECK(*std::max_element(cuts[1].gains.begin(), cuts[1].gains.end()) < 1e-12);
}

TEST_CASE("kernel picture: decibels stand beside one kernel, not beside many") {
    const std::string one = draw_kernels(make_builtin("sobel"), "sobel.svg");
    CHECK(count_of(one, ">gain, dB<") == 1);
    CHECK(count_of(one, "<polyline") > 2);
    CHECK(count_of(one, ">20<") >= 1);  // 8 is 18 dB: the scale begins at 20
    CHECK(count_of(draw_kernels(make_builtin("gabor-bank:count=3"), "b.svg"), "gain, dB") == 0);
    CHECK(count_of(draw_kernels(make_builtin("identity"), "i.svg"), ">1 at every frequency<") == 1);
}

TEST_CASE("kernel picture: every plane of every kernel is drawn, up to a limit") {
    CHECK(count_of(draw_kernels(make_builtin("gabor-bank:count=3"), "bank.svg"), ">row r<") == 3);
    Kernel many;
    many.K = 70;
    many.R = many.S = 1;
    many.values.assign(70, 1.0);
    CHECK(test::error_of([&] {
              draw_kernels({many}, "bank.svg");
          }).find("70 planes are too many") != std::string::npos);
}

TEST_CASE("kernel picture: kernels of one value, of zeros and of one row can be drawn") {
    for (const char* reference : {"identity", "box:width=40,height=1", "box:width=1,height=31"}) {
        CAPTURE(reference);
        CHECK(draw_kernels(make_builtin(reference), "k.svg").ends_with("</svg>\n"));
    }
    Kernel zeros;
    zeros.R = zeros.S = 2;
    zeros.values.assign(4, 0.0);
    CHECK(draw_kernels({zeros}, "k.svg").find("nan") == std::string::npos);
}

TEST_CASE("test card: it is a fixed picture that uses the whole range") {
    const Image card = test_card(96);
    CHECK(card.shape == Shape{1, 1, 96, 96});
    const auto* first = card.data<std::uint8_t>();
    const auto [least, greatest] = std::minmax_element(first, first + 96 * 96);
    CHECK(*least < 8);
    CHECK(*greatest > 247);
}

TEST_CASE("gallery: every built-in has a tile with the words that make it") {
    const std::string svg = draw_gallery(test_card(128), "gallery.svg");
    for (const Builtin& builtin : builtin_kernels()) {
        CAPTURE(builtin.name);
        CHECK(svg.find('>' + builtin.name) != std::string::npos);
    }
    CHECK(count_of(svg, "<image") == builtin_kernels().size());
}

TEST_CASE("gallery: colour, alpha, depth and size of the picture do not matter") {
    for (const auto& form : {std::tuple{SampleType::u16, 4, 30, 700},
                             {SampleType::f32, 3, 5, 4},
                             {SampleType::u8, 2, 1, 1}}) {
        const SampleType type = std::get<0>(form);
        const int channels = std::get<1>(form), height = std::get<2>(form),
                  width = std::get<3>(form);
        CAPTURE(channels);
        const Image picture =
            test::sample_picture(type, channels, height, width, channels % 2 == 0);
        CHECK(draw_gallery(picture, "gallery.svg").ends_with("</svg>\n"));
    }
}

TEST_CASE("kernel command: pictures are files, a name without a known ending is a usage error") {
    const test::TemporaryFolder folder;
    CHECK(run_kernel({"kernel", "show", "sobel", "--image", folder.file("k.png")}) == 0);
    CHECK(read_image(folder.file("k.png")).pages.front().shape.C == 3);
    CHECK(run_kernel({"kernel", "list", "--gallery", folder.file("g.svg")}) == 0);
    CHECK(folder.entries() == 2);
    std::string err;
    CHECK(run_kernel({"kernel", "show", "sobel", "--image", folder.file("k.bmp")}, &err) == 2);
    CHECK(err.find("use one that ends in .svg or .png") != std::string::npos);
    CHECK(run_kernel({"kernel", "list", "--input", "x.png"}) == 2);
    CHECK(folder.entries() == 2);
}
