#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "support/explaining.hpp"
#include "support/test_files.hpp"

using namespace conv;
using namespace conv::test;

TEST_CASE("explain: the figure marks one patch in the picture, the matrix and the result") {
    const test::TemporaryFolder folder;
    const std::string path = folder.file("figure.svg");
    for (const auto& figure : {std::pair{"im2col", 4 + 4 + 1 + 1},
                               {"toeplitz", 4 + 4 + 4 + 1 + 1},
                               {"rows", 4 + 4 + 4 + 1 + 1}}) {
        const std::string lowering = figure.first;
        const int marked = figure.second;
        CAPTURE(lowering);
        CHECK(run_explain(with(kPlane, {"--lowering", lowering, "--svg", path})).code == 0);
        const std::string svg = test::read_bytes(path);
        int count = 0;
        for (std::size_t at = svg.find("#ffcd82"); at != std::string::npos;
             at = svg.find("#ffcd82", at + 1)) {
            ++count;
        }
        CHECK(count == marked);
        CHECK(svg.find(">113 = 9×2 + 8×3 + 7×5 + 6×6<") != std::string::npos);
    }
}

TEST_CASE("explain: a figure of a large problem is refused, and one with any ending but two") {
    const test::TemporaryFolder folder;
    const ExplainRun large = run_explain(
        {"explain", "-k", "box", "--size", "100x100", "--svg", folder.file("figure.svg")});
    CHECK(large.code == 2);
    CHECK(large.err.find("do not fit one sheet") != std::string::npos);
    CHECK(run_explain(with(kPlane, {"--svg", folder.file("figure.gif")})).code == 2);
    CHECK(folder.entries() == 0);
}

TEST_CASE(
    "explain: a larger Toeplitz matrix is drawn as squares, one for each number that is kept") {
    const test::TemporaryFolder folder;
    const std::string path = folder.file("figure.svg");
    const std::string row = "1 2 3 4 5 6 7 8 9 8",
                      eight = row + "; " + row + "; " + row + "; " + row;
    const std::vector<std::string> command = {"explain",
                                              "-k",
                                              "1 2 3; 4 5 6; 7 8 9",
                                              "--input",
                                              eight + "; " + eight,
                                              "--padding",
                                              "valid",
                                              "--svg",
                                              path,
                                              "--lowering"};
    REQUIRE(run_explain(with(command, {"toeplitz"})).code == 0);
    const std::string svg = test::read_bytes(path);
    CHECK(svg.find("48 × 80; blank: always 0, 3408 of 3840") != std::string::npos);
    std::size_t squares = 0;  // 9 in each of 48 rows, 80 samples and 48 results, of 7 units each
    for (std::size_t at = svg.find("width=\"7\" height=\"7\""); at != std::string::npos;
         at = svg.find("width=\"7\" height=\"7\"", at + 1))
        ++squares;
    CHECK(squares == 48 * 9 + 80 + 48);
}

TEST_CASE("explain: figures of borders, strides, groups and several kernels are drawn") {
    const test::TemporaryFolder folder;
    for (const std::vector<std::string>& more : std::vector<std::vector<std::string>>{
             {"-k", "1 2 1; 0 0 0; -1 -2 -1", "--input", "1 2 3; 4 5 6", "--border", "constant:9"},
             {"-k", "1 2", "-k", "3; 4", "--input", "1 2 3; 4 5 6", "--stride", "2"},
             {"-k", "1 2", "--dilation", "2", "--input", "1 2 3 4 | 4 5 6 7", "--padding", "full"},
             {"-k", "shape: 2 1 1 2\n1 2\n3 4", "--groups", "2", "--input", "1 2 3 | 4 5 6"}}) {
        for (const char* lowering : {"im2col", "toeplitz", "rows"}) {
            const ExplainRun r = run_explain(with(with({"explain", "--lowering", lowering}, more),
                                                  {"--svg", folder.file("figure.png")}));
            CAPTURE(r.err);
            CHECK(r.code == 0);
        }
    }
}
