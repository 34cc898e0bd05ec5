#include "kernels/kernel_text.hpp"

#include <doctest/doctest.h>

#include <string>

#include "base/error.hpp"

namespace {

using conv::Anchor;
using conv::Kernel;
using conv::parse_kernel_text;

using Values = std::vector<double>;

Kernel parse(const std::string& text, const std::string& format = "auto") {
    const auto kernels = parse_kernel_text(text, "k.txt", format);
    REQUIRE(kernels.size() == 1);
    return kernels[0];
}

std::string text_error(const std::string& text, const std::string& format = "auto") {
    try {
        parse_kernel_text(text, "k.txt", format);
    } catch (const conv::Error& error) {
        CHECK(error.kind() == conv::ErrorKind::usage);
        return error.what();
    }
    return "no error";
}

/// Whether reading `text` fails with a message that starts with `place` and contains `words`.
void check_error(const std::string& text, const std::string& place, const std::string& words,
                 const std::string& format = "auto") {
    const std::string message = text_error(text, format);
    CAPTURE(text);
    CAPTURE(message);
    CHECK(message.substr(0, place.size()) == place);
    CHECK(message.find(words) != std::string::npos);
    CHECK(message.find('\n') == std::string::npos);
}

}  // namespace

TEST_CASE("plain text: one line is rows that semicolons end") {
    const Kernel kernel = parse("0 -1 0; -1 5 -1; 0 -1 0");
    CHECK(kernel.format == "plain");
    CHECK(kernel.rank == 2);
    CHECK(kernel.R == 3);
    CHECK(kernel.S == 3);
    CHECK(kernel.values == Values{0, -1, 0, -1, 5, -1, 0, -1, 0});
    CHECK(!kernel.anchor);
}

TEST_CASE("plain text: n numbers in one line make a 1 x n kernel") {
    CHECK(parse("1 2 3 4").R == 1);
    CHECK(parse("1 2 3 4").S == 4);
    CHECK(parse("7").values == Values{7});
}

TEST_CASE("plain text: blanks, tabs, commas and, in several lines, semicolons separate columns") {
    const Values expected{1, 2, 3, 4};
    for (const char* text : {"1 2\n3 4", "1\t2\n3\t4\n", "1,2\n3,4", "1, 2\n3, 4", "1;2\n3;4",
                             "1 2;\n3 4;\n", "1 2;3 4", "1,2;3,4;", "\n\n1 2\n\n  3 4  \n\n"}) {
        CAPTURE(text);
        CHECK(parse(text).R == 2);
        CHECK(parse(text).values == expected);
    }
}

TEST_CASE("plain text: arrays pasted from other programs are read as their rows") {
    const Values expected{0, -1, 0, -1, 5, -1, 0, -1, 0};
    for (const char* text :
         {"[[0,-1,0],[-1,5,-1],[0,-1,0]]", "[0 -1 0; -1 5 -1; 0 -1 0]",
          "{{0,-1,0},{-1,5,-1},{0,-1,0}}", "[[ 0 -1  0]\n [-1  5 -1]\n [ 0 -1  0]]",
          "[0, -1, 0;\n -1, 5, -1;\n 0, -1, 0];",
          "[\n  [0, -1, 0],\n  [-1, 5, -1],\n  [0, -1, 0],\n]",
          "{ {0, -1, 0}, {-1, 5, -1}, {0, -1, 0} };", "[0 -1 0\n-1 5 -1\n0 -1 0]"}) {
        CAPTURE(text);
        const Kernel kernel = parse(text);
        CHECK(kernel.R == 3);
        CHECK(kernel.S == 3);
        CHECK(kernel.rank == 2);
        CHECK(kernel.values == expected);
    }
    CHECK(parse("scale: 1/9\n[[1,1],[1,1]]").scale == 1.0 / 9);
    CHECK(parse("[1, 2, 3]").S == 3);
}

TEST_CASE("plain text: brackets three and four deep make planes and maps") {
    const Kernel planes = parse("[[[1,2],[3,4]],[[5,6],[7,8]],[[9,10],[11,12]]]");
    CHECK(planes.rank == 3);
    CHECK(planes.C == 3);
    CHECK(planes.R == 2);
    CHECK(planes.values[11] == 12);
    const Kernel maps = parse("[[[[1,2,3]]],[[[4,5,6]]]]");
    CHECK(maps.rank == 4);
    CHECK(maps.K == 2);
    CHECK(maps.S == 3);
}

TEST_CASE("plain text: a pasted array that is no array is refused at its place") {
    check_error("[[1,2],[3,4]", "k.txt:1:1: ", "is never closed");
    check_error("[[1,2],[3,4}]", "k.txt:1:12: ", "must be closed by ']'");
    check_error("[[1,2],[3]]", "k.txt:1:10: ", "1 entries between these brackets, but 2");
    check_error("[[1,2],3]", "k.txt:1:8: ", "a row in brackets is expected");
    check_error("[[1,2]]]", "k.txt:1:8: ", "follows the array's last bracket");
    check_error("[[1,2],[3,x]]", "k.txt:1:11: ", "'x' is not a number");
    check_error("[]", "k.txt:1:2: ", "an empty pair of brackets");
    check_error("[[0,5 1,5]]", "k.txt:1:7: ", "a decimal comma?");
    check_error("[[[[[1]]]]]", "k.txt:1:5: ", "deeper than the four dimensions");
}

TEST_CASE("plain text: the minus sign U+2212 is a minus") {
    CHECK(parse("0 \xE2\x88\x92"
                "1 0")
              .values == Values{0, -1, 0});
    CHECK(parse("1e\xE2\x88\x92"
                "2")
              .values == Values{0.01});
    check_error(
        "\xE2\x88\x92\xE2\x88\x92"
        "1",
        "k.txt:1:1: ", "is not a number");
}

TEST_CASE("plain text: comments, a byte order mark, CR LF and a missing last newline are fine") {
    const Kernel kernel = parse("\xEF\xBB\xBF# blur \xC3\xA9\r\n1 2 # first\r\n3 4");
    CHECK(kernel.values == Values{1, 2, 3, 4});
    CHECK(parse("1 2\r3 4").R == 2);
}

TEST_CASE("plain text: fractions and all decimal forms are read to the nearest double") {
    CHECK(parse("1/9 -1/4 +2 .5 5. 1e-3 -0.1").values ==
          Values{1.0 / 9, -0.25, 2, 0.5, 5, 1e-3, -0.1});
    CHECK(parse("5e-324 1.7976931348623157e308").values == Values{5e-324, 1.7976931348623157e308});
}

TEST_CASE("plain text: header lines set shape, scale, bias and anchor") {
    const Kernel kernel = parse(
        "shape: 2 1 2 3\nscale: 1/9\nbias: 1, -2\nanchor: 2,0\n1 2 3\n4 5 6\n\n7 8 9\n10 11 12\n");
    CHECK(kernel.rank == 4);
    CHECK(kernel.K == 2);
    CHECK(kernel.C == 1);
    CHECK(kernel.R == 2);
    CHECK(kernel.S == 3);
    CHECK(kernel.scale == 1.0 / 9);
    CHECK(kernel.bias == Values{1, -2});
    CHECK((kernel.anchor == Anchor{2, 0}));
    CHECK(kernel.values.size() == 12);
    CHECK(parse("shape: 2 1 2\n1 2\n3 4").rank == 3);
    CHECK(parse("shape: 2 2\n1 2\n3 4").rank == 2);
}

TEST_CASE("plain text: a bad token is named with file, line and column") {
    check_error("1 2\n3 x", "k.txt:2:3: ", "'x' is not a number");
    check_error(
        "\xEF\xBB\xBF"
        "1 x",
        "k.txt:1:3: ", "'x'");
    check_error(
        "# \xC3\xA9\r\n1 \xE2\x80\x93"  // an en dash is no minus
        "1",
        "k.txt:2:3: ", "is not a number");
    check_error("1 nan", "k.txt:1:3: ", "not finite");
    check_error("1 -Inf", "k.txt:1:3: ", "not finite");
    check_error("1e400", "k.txt:1:1: ", "beyond the range");
    check_error("1 1e-400", "k.txt:1:3: ", "beyond the range");
    check_error("1e308/1e-308 1", "k.txt:1:1: ", "beyond the range");
    check_error("2 1/0", "k.txt:1:3: ", "divides by zero");
    for (const char* token :
         {"0x10", "1/2/3", "+-1", "--1", ".", "1e", "1.2.3", "/2", "1/", "1d", "-"})
        check_error(std::string("1 ") + token, "k.txt:1:3: ", "is not a number");
    check_error("hello", "k.txt:1:1: ", "'hello' is not a number");
}

TEST_CASE("plain text: rows of unequal length are refused where they end or run over") {
    check_error("1 2 3\n4 5", "k.txt:2:4: ", "row 2 has 2 numbers, but row 1 has 3");
    check_error("3 2\n1 2 3\n4 5\n", "k.txt:2:5: ", "--kernel-format vips says");
    check_error("1 2\n4 5 6", "k.txt:2:5: ", "row 2 has 3 numbers, but row 1 has 2");
}

TEST_CASE("plain text: mixed separators are refused as a probable decimal comma") {
    for (const char* text :
         {"0,5 1,5", "0,5, 1,5", "0,5;1,5\n2,5;3,5", "1 2\n3,4", "1 2;3\n4 5;6"}) {
        CAPTURE(text);
        check_error(text, "k.txt:", "a decimal comma?");
    }
    CHECK(parse("1,-2, 3").values == Values{1, -2, 3});
    CHECK(parse("1,2,3, 4").values == Values{1, 2, 3, 4});
}

TEST_CASE("plain text: a separator without its number is refused") {
    check_error("1,,2", "k.txt:1:3: ", "missing before ','");
    check_error(",1", "k.txt:1:1: ", "missing before ','");
    check_error("1,2,\n3,4,", "k.txt:1:5: ", "missing after ','");
    check_error("1;;2", "k.txt:1:3: ", "missing before ';'");
    check_error("1;2;\n3;4;", "k.txt:1:5: ", "missing after ';'");
}

TEST_CASE("plain text: an impossible header is refused with its place") {
    check_error("shape: 3\n1", "k.txt:1:1: ", "write for example 'shape: 3 3'");
    check_error("shape: 2 2\n1 2", "k.txt:1:1: ", "says 2 rows in all, but the text has 1");
    check_error("shape: 1 3\n1 2", "k.txt:2:4: ", "the shape says 3 in a row");
    check_error("shape: 0 3\n1 2", "k.txt:1:8: ", "'0' is not a whole number from 1");
    check_error("shape: 99999 99999 9 9\n1", "k.txt:1:14: ", "more than 268435456 numbers");
    check_error("scale: 0\n1", "k.txt:1:8: ", "scale of 0");
    check_error("scale: 1\nscale: 2\n1", "k.txt:2:1: ", "given twice");
    check_error("bias: 1 2\n1", "k.txt:1:7: ", "2 biases for 1 output map");
    check_error("anchor: 0,1\n1 2", "k.txt:1:11: ", "'1' is not a whole number from 0 to 0");
    check_error("1 2\nscale: 2\n", "k.txt:2:1: ", "header lines come first");
}

TEST_CASE("kernel text: text without numbers, UTF-16 and binary data are refused") {
    for (const char* text : {"", " \n\t\n", "# only a comment\n"})
        check_error(text, "k.txt: ", "holds no numbers");
    check_error(std::string("1 2\n3\0 4", 8), "k.txt:2:2: ", "NUL");
    check_error(
        "\xFF\xFE"
        "1",
        "k.txt: ", "UTF-16");
    check_error("\x89PNG\r\n\x1A\n", "k.txt:1:1: ", "0x89");
    check_error("1 \x01", "k.txt:1:3: ", "0x01");
}

TEST_CASE("plain text: 10,000 columns are read") {
    std::string text;
    for (int i = 0; i < 10'000; ++i) text += "1 ";
    const Kernel kernel = parse(text);
    CHECK(kernel.R == 1);
    CHECK(kernel.S == 10'000);
}

TEST_CASE("flat text: n*n numbers in any layout make a square, only when asked for") {
    const Kernel kernel = parse("1 2 3 4 5\n6 7 8 9", "flat");
    CHECK(kernel.R == 3);
    CHECK(kernel.S == 3);
    CHECK(parse("1,2,3,4").R == 1);
    check_error("1 2 3", "k.txt: ", "3 numbers make no square", "flat");
}

TEST_CASE("libvips text: scale divides, offset is the bias") {
    const Kernel kernel = parse("3 2 8 0.5\n1 2 3\n4 5 6\n");
    CHECK(kernel.format == "vips");
    CHECK(kernel.R == 2);
    CHECK(kernel.S == 3);
    CHECK(kernel.scale == 1.0 / 8);
    CHECK(kernel.bias == Values{0.5});
    CHECK(kernel.values == Values{1, 2, 3, 4, 5, 6});
}

TEST_CASE("libvips text: rows that fit plain text only stay plain") {
    for (const char* text :
         {"1 2 1\n2 4 2\n1 2 1", "1 0 -1\n2 0 -2\n1 0 -1", "1 2 1\n0 0 0\n-1 -2 -1"}) {
        CAPTURE(text);
        CHECK(parse(text).format == "plain");
        CHECK(parse(text).R == 3);
    }
}

TEST_CASE("libvips text: what also reads as plain text is refused with both readings") {
    const std::string message = text_error("2 2\n1 2\n3 4\n");
    CHECK(message.find("plain (3 rows of 2)") != std::string::npos);
    CHECK(message.find("vips (2 rows of 2)") != std::string::npos);
    CHECK(message.find("--kernel-format") != std::string::npos);
    CHECK(parse("2 2\n1 2\n3 4\n", "vips").R == 2);
    CHECK(parse("2 2\n1 2\n3 4\n", "plain").R == 3);
}

TEST_CASE("libvips text: a header that the rows contradict is refused") {
    check_error("3 3\n1 2 3\n", "k.txt:1:1: ", "says 3 rows of 3, but 1 follow", "vips");
    check_error("2 1\n1 2 3\n", "k.txt:2:1: ", "row 1 has 3 numbers", "vips");
    check_error("2 1 0\n1 2\n", "k.txt:1:5: ", "cannot be 0", "vips");
    check_error("1 1\n1/2\n", "k.txt:2:1: ", "is not a number", "vips");
    check_error("100000 100000\n1\n", "k.txt:1:1: ", "more than 268435456", "vips");
    check_error("9999999 1\n1\n", "k.txt:1:1: ", "from 1 to 100000", "vips");
}

TEST_CASE("kernel text: SExtractor and GRASS files are refused by name") {
    check_error("CONV NORM\n1 2 1\n", "k.txt:1:1: ", "SExtractor");
    check_error("TITLE mean\nMATRIX 3\n1 1 1\n", "k.txt:1:1: ", "GRASS");
}

TEST_CASE("kernel text: an unknown format name is refused with the known ones") {
    try {
        parse_kernel_text("1", "k", "matlab");
        FAIL("accepted");
    } catch (const conv::Error& error) {
        CHECK(std::string(error.what()).find("plain flat vips") != std::string::npos);
    }
}
