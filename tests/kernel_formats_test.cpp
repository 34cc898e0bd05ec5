#include <doctest/doctest.h>

#include <cstdint>
#include <string>

#include "base/error.hpp"
#include "kernels/builtin.hpp"
#include "kernels/kernel_text.hpp"
#include "kernels/kernel_values.hpp"

namespace {

using conv::Anchor;
using conv::Kernel;
using conv::parse_kernel_text;
using conv::write_kernel_text;

using Values = std::vector<double>;

Kernel parse(const std::string& text, const std::string& format = "auto",
             const std::string& member = "") {
    const auto kernels = parse_kernel_text(text, "k.txt", format, member);
    REQUIRE(kernels.size() == 1);
    return kernels[0];
}

void check_error(const std::string& text, const std::string& place, const std::string& words,
                 const std::string& format = "auto", const std::string& member = "") {
    std::string message = "no error";
    try {
        parse_kernel_text(text, "k.txt", format, member);
    } catch (const conv::Error& error) {
        CHECK(error.kind() == conv::ErrorKind::usage);
        message = error.what();
    }
    CAPTURE(text.substr(0, 200));
    CAPTURE(message);
    CHECK(message.substr(0, place.size()) == place);
    CHECK(message.find(words) != std::string::npos);
    CHECK(message.size() < 400);
    CHECK(message.find('\n') == std::string::npos);
}

void check_refuses(const Kernel& kernel, const std::string& format, const std::string& words) {
    try {
        write_kernel_text(kernel, format);
        FAIL("written");
    } catch (const conv::Error& error) {
        CHECK(std::string(error.what()).find(words) != std::string::npos);
    }
}

std::string repeat(const std::string& text, int count) {
    std::string repeated;
    for (int i = 0; i < count; ++i) repeated += text;
    return repeated;
}

constexpr int kDeep = 100'000;

const char* const kYaml =
    "%YAML:1.0\n---\nnote: \"a: b [c\"\nkernel: !!opencv-matrix\n   rows: 2\n   cols: 3\n   dt: f\n"
    "   data: [ 0., -1., 1.5e+00,\n       4., 5., .5 ]\n";
const char* const kJson =
    "{\n  \"kernel\": {\n \"type_id\": \"opencv-matrix\", \"rows\": 2, \"cols\": 3, \"dt\": "
    "\"f\",\n"
    " \"data\": [ 0.0, -1.0, 1.5, 4, 5, 0.5 ]\n  }\n}\n";
const char* const kXml =
    "<?xml version=\"1.0\"?>\n<opencv_storage>\n<!-- a comment -->\n"
    "<kernel type_id=\"opencv-matrix\">\n  <rows>2</rows>\n  <cols>3</cols>\n  <dt>f</dt>\n"
    "  <data>\n    0. -1. 1.5 4. 5. .5</data></kernel>\n</opencv_storage>\n";

}  // namespace

TEST_CASE("ImageMagick text: geometry, origin, holes") {
    const Kernel kernel = parse("3x2+0+1: 1,2,nan -,5, 6");
    CHECK(kernel.format == "imagemagick");
    CHECK(kernel.R == 2);
    CHECK(kernel.S == 3);
    CHECK(kernel.values == Values{1, 2, 0, 0, 5, 6});
    CHECK((kernel.anchor == Anchor{0, 1}));
    CHECK((parse("4x2: 1 2 3 4 5 6 7 8").anchor == Anchor{1, 0}));
    CHECK(parse("3: 1 2 3\n4 5 6 # comment\n7 8 9\n").R == 3);
}

TEST_CASE("ImageMagick text: names are ImageMagick's numbers") {
    CHECK(parse("Sobel").values == Values{1, 0, -1, 2, 0, -2, 1, 0, -1});
    CHECK(parse("sobel:90").values == Values{1, 2, 1, 0, 0, 0, -1, -2, -1});
    CHECK(parse("Laplacian:1").values == Values{0, -1, 0, -1, 4, -1, 0, -1, 0});
    CHECK(parse("Laplacian 3").values == Values{1, -2, 1, -2, 4, -2, 1, -2, 1});
    CHECK(parse("Binomial:2").values[12] == 36);
    const Kernel gaussian = parse("Gaussian:0x1");
    CHECK(gaussian.S == 9);
    CHECK(gaussian.values[40] == doctest::Approx(0.159156).epsilon(1e-5));
    const Kernel blur = parse("Blur:0x1");
    CHECK(blur.R == 1);
    CHECK(blur.values[4] == doctest::Approx(0.38457194956323726).epsilon(1e-14));
    CHECK((blur.anchor == Anchor{4, 0}));
    CHECK(parse("Blur:0x1+90").S == 1);
}

TEST_CASE("ImageMagick text: flags turn a kernel clockwise into a list") {
    const auto turned = parse_kernel_text("3x3+0+1@: 1,2,3,4,5,6,7,8,9", "k");
    REQUIRE(turned.size() == 8);
    CHECK(turned[1].values == Values{4, 1, 2, 7, 5, 3, 8, 9, 6});
    CHECK((turned[1].anchor == Anchor{0, 0}));
    CHECK(turned[2].values == Values{7, 4, 1, 8, 5, 2, 9, 6, 3});
    const auto quarter = parse_kernel_text("3x1+0+0>: 1,2,3", "k");
    REQUIRE(quarter.size() == 4);
    CHECK(quarter[3].R == 3);
    CHECK(quarter[3].values == Values{3, 2, 1});
    CHECK((quarter[3].anchor == Anchor{0, 2}));
    const auto mirrored = parse_kernel_text("3x3<: 1,2,3,4,5,6,7,8,9", "k");
    REQUIRE(mirrored.size() == 4);
    CHECK(mirrored[2].values == Values{3, 6, 9, 2, 5, 8, 1, 4, 7});
    CHECK(parse_kernel_text("Laplacian:>", "k").size() == 1);  // turned, it is the same
}

TEST_CASE("ImageMagick text: semicolons list kernels") {
    const auto list = parse_kernel_text(";Sobel; 2: 1,2,3,4;\n3x1: 1 2 3;", "k");
    REQUIRE(list.size() == 3);
    CHECK(list[1].R == 2);
    CHECK(list[2].S == 3);
    CHECK(parse("1,2,3,4", "imagemagick").R == 2);
}

TEST_CASE("ImageMagick text: mistakes are refused with their place") {
    check_error("3x3: 1,2", "k.txt:1:1: ", "2 numbers follow '3x3:', which takes 9");
    check_error("2: 1,2,3,4,5", "k.txt:1:1: ", "5 numbers");
    check_error("2: 1,2,3,.", "k.txt:1:10: ", "'.' is not a number");
    check_error("3x3+3+0: 1", "k.txt:1:5: ", "'3' is not a whole number from 0 to 2");
    check_error("2:1,,2,3,4", "k.txt:1:5: ", "missing before ','");
    check_error("999999x999999: 1", "k.txt:1:1: ", "more than");
    check_error("3x1@: 1,2,3", "k.txt:1:1: ", "3x3");
    check_error("Sobel;;Sobel", "k.txt:1:7: ", "a kernel is missing");
    check_error("Disk:2", "k.txt:1:1: ", "box or disk");
    check_error("DoG:0x1x2", "k.txt:1:1: ", "dog:");
    check_error("blob:2", "k.txt:1:1: ", "'blob' is no ImageMagick kernel name");
    check_error("Gaussian:0xq", "k.txt:1:12: ", "'q' is not a number");
    check_error("Gaussian:1025x1", "", "radius 1025: from 0 to 1024 works");
    check_error("Blur:0x1e9", "", "from 0 to 16384 works");
    check_error("1,2,3", "k.txt:1:1: ", "make no square", "imagemagick");
}

TEST_CASE("G'MIC text: rows, columns and channels") {
    const Kernel kernel = parse("(1, 2 ;3,4.5)\n");
    CHECK(kernel.format == "gmic");
    CHECK(kernel.R == 2);
    CHECK(kernel.values == Values{1, 2, 3, 4.5});
    const Kernel channels = parse("(1,2;3,4;5,6^7,8;9,10;11,12)");
    CHECK(channels.rank == 3);
    CHECK(channels.C == 2);
    CHECK(channels.R == 3);
    CHECK(channels.S == 2);
    check_error("(1,2;3)", "k.txt:1:7: ", "length 1, the first has 2");
    check_error("(1,2^3,4;5,6)", "k.txt:1:13: ", "this channel has length 2");
    check_error("(1,2;3,4", "k.txt:1:9: ", "is open");
    check_error("(1/9)", "k.txt:1:3: ", "depth");
    check_error("(1,)", "k.txt:1:4: ", "missing before ')'");
    check_error("(1,x)", "k.txt:1:4: ", "'x' is not a number");
    check_error("(1)2", "k.txt:1:4: ", "text after");
    check_error(repeat("(", kDeep), "k.txt:1:2: ", "bracket");
}

TEST_CASE("OpenCV text: YAML, JSON and XML give the same matrix") {
    for (const char* text : {kYaml, kJson, kXml}) {
        CAPTURE(text);
        const Kernel kernel = parse(text);
        CHECK(kernel.format == "opencv");
        CHECK(kernel.R == 2);
        CHECK(kernel.S == 3);
        CHECK(kernel.values == Values{0, -1, 1.5, 4, 5, 0.5});
        CHECK(parse(text, "auto", "kernel").S == 3);
        check_error(text, "k.txt: ", "holds no matrix 'b'; it has 'kernel'", "auto", "b");
    }
}

TEST_CASE("OpenCV text: matrices of three and four dimensions, one picked of several") {
    const std::string text =
        "%YAML:1.0\n---\na: !!opencv-nd-matrix\n   sizes: [ 2, 1, 2 ]\n   dt: d\n"
        "   data: [ 1, 2, 3, 4 ]\nlist:\n   - !!opencv-matrix\n      rows: 1\n      cols: 1\n"
        "      dt: i\n      data: [ 7 ]\nmap: { x: 1, y: 2 }\nb: !!opencv-matrix\n   rows: 1\n"
        "   cols: 1\n   dt: \"3f\"\n   data: [ 1, 2, 3 ]\n";
    const Kernel kernel = parse(text, "auto", "a");
    CHECK(kernel.rank == 3);
    CHECK(kernel.C == 2);
    CHECK(kernel.S == 2);
    CHECK(kernel.values == Values{1, 2, 3, 4});
    check_error(text, "k.txt: ", "holds 3 matrices, 'a', '', 'b': pick one with #name");
    check_error(text, "k.txt:17:9: ", "one channel", "auto", "b");
    check_error("1 2", "k.txt: ", "has no names", "auto", "a");
}

TEST_CASE("OpenCV text: a damaged matrix is refused with its place") {
    const std::string yaml = "%YAML:1.0\nk: !!opencv-matrix\n   rows: 1\n   cols: 2\n   dt: f\n   ";
    check_error(yaml + "data: [ 1, x ]\n", "k.txt:6:15: ", "'x' is not a number");
    check_error(yaml + "data: [ 1, .Nan ]\n", "k.txt:6:15: ", "not finite");
    check_error(yaml + "data: [ 1, 1e400 ]\n", "k.txt:6:15: ", "beyond the range");
    check_error(yaml + "data: [ 1 ]\n",
                "k.txt:6:12: ", "1 numbers of data, but the matrix takes 2");
    check_error(yaml + "data: [ 1, 2\n", "k.txt:6:10: ", "left open");
    check_error(yaml, "k.txt: ", "has no 'data'");
    check_error(yaml + "data: !!binary |\n    AAAA\n", "k.txt:6:19: ", "base64");
    check_error(
        "%YAML:1.0\nk: !!opencv-matrix\n   rows: 100000\n   cols: 100000\n   dt: f\n   "
        "data: [ 1 ]\n",
        "k.txt:4:10: ", "more than 268435456 numbers");
    check_error("%YAML:1.0\nrubbish\n", "k.txt:2:1: ", "'key: value'");
    check_error("{\"k\": 1", "k.txt:1:8: ", "',' or '}' is missing");
    check_error("{\"k\" 1}", "k.txt:1:6: ", "':' is missing");
    check_error("{\"k", "k.txt:1:3: ", "a quote is left open");
    check_error("{\"k\": 1} {}", "k.txt:1:10: ", "after the end");
    check_error("<a><b></a>", "k.txt:1:7: ", "not open");
    check_error("<a>", "k.txt:1:4: ", "element 'a' is not closed");
    check_error("<a></a\nb>", "k.txt:1:4: ", "an end tag 'a?b'");
    check_error("<a", "k.txt:1:1: ", "'>' is missing");
}

TEST_CASE("OpenCV text: entities and 100,000 levels are refused, quickly and without a crash") {
    check_error("<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
                "k.txt:1:22: ", "entities");
    check_error("<a>&b;</a>", "k.txt:1:4: ", "entities");
    const std::string deep = "nested deeper than 16 levels";
    check_error(repeat("{\"a\":", kDeep), "k.txt:1:81: ", deep);
    check_error("{\"a\":" + repeat("[", kDeep), "k.txt:1:21: ", deep);
    check_error(repeat("<a>", kDeep), "k.txt:1:49: ", deep);
    check_error("%YAML:1.0\na: " + repeat("[", kDeep), "k.txt:2:", deep);
    check_error("%YAML:1.0\na: " + repeat("{", kDeep), "k.txt:2:", deep);
    std::string indented = "%YAML:1.0\n";
    for (int i = 0; i < 1000; ++i)
        indented += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
    check_error(indented, "k.txt:18:17: ", deep);
}

TEST_CASE("kernel text: above 64 MiB nothing is read") {
    check_error(std::string((std::size_t{64} << 20) + 1, ' '), "k.txt: ", ".npy");
}

TEST_CASE("writers: reading back gives the same weights bit for bit, in every format") {
    Kernel odd;
    odd.name = "odd";
    odd.R = 3;
    odd.S = 3;
    odd.values = {0.1, -1.0 / 3, 1e-300, 5e-324, 1.7976931348623157e308, -0.0, 1, 12345678.9, 2};
    Kernel scaled = conv::make_builtin("box:width=3,height=5")[0];
    Kernel unlucky = odd;
    unlucky.values[4] = 7;
    for (int step = 0; step < 50; ++step) {
        unlucky.scale = 0.3 + step * 0.0137;
        for (const Kernel& kernel : {odd, scaled, unlucky})
            for (const conv::KernelTextFormat& format : conv::kernel_text_formats()) {
                if (format.write == nullptr) continue;
                const std::string text = write_kernel_text(kernel, format.name);
                CAPTURE(text);
                const Kernel back = parse(text);
                CHECK(back.format == format.name);
                CHECK(back.R == kernel.R);
                CHECK(back.S == kernel.S);
                CHECK(conv::scaled_values(back) == conv::scaled_values(kernel));
            }
    }
}

TEST_CASE("writers: plain keeps scale, bias, anchor and rank") {
    const std::string text =
        "shape: 2 1 2 2\nscale: 0.3\nbias: 1 2\nanchor: 0,1\n1 2\n3 4\n\n5 6\n7 8\n";
    CHECK(write_kernel_text(parse(text), "plain") == text);
    CHECK(write_kernel_text(parse("1 2\n3 4"), "plain") == "1 2\n3 4\n");
}

TEST_CASE("writers: plain rows that look like a libvips header are told apart") {
    const Kernel kernel = parse("2 2\n1 2\n3 4\n", "plain");
    CHECK(parse(write_kernel_text(kernel, "plain")).R == 3);
    CHECK(parse(write_kernel_text(parse("2 1\n5 6", "plain"), "plain")).R == 2);
}

TEST_CASE("writers: libvips text keeps a divisor and an offset") {
    CHECK(write_kernel_text(parse("scale: 1/9\nbias: 2\n1 2 3\n4 5 6"), "vips") ==
          "3 2 9 2\n1 2 3\n4 5 6\n");
    CHECK(write_kernel_text(parse("1 2"), "vips") == "2 1 1\n1 2\n");
}

TEST_CASE("writers: what a format cannot hold is refused, naming one that can") {
    Kernel bank = parse("shape: 2 1 1 1\n1\n2");
    Kernel biased = parse("bias: 3\n1");
    Kernel anchored = parse("anchor: 0,0\n1 2 3");
    for (const char* format : {"vips", "imagemagick", "gmic"}) check_refuses(bank, format, "plain");
    for (const char* format : {"imagemagick", "gmic", "opencv"})
        check_refuses(biased, format, "plain");
    for (const char* format : {"vips", "gmic", "opencv"}) check_refuses(anchored, format, "plain");
    CHECK((parse(write_kernel_text(anchored, "imagemagick")).anchor == Anchor{0, 0}));
    CHECK(parse(write_kernel_text(bank, "opencv")).K == 2);
    CHECK(parse(write_kernel_text(parse("shape: 2 1 1\n1\n2"), "gmic")).C == 2);
    check_refuses(anchored, "flat", "use plain");
    anchored.values[0] = 1.0 / 0.0;
    check_refuses(anchored, "plain", "NaN or infinity");
}
