#include <doctest/doctest.h>

#include <array>
#include <nlohmann/json.hpp>

#include "explain/explanation.hpp"
#include "support/explaining.hpp"
#include "support/test_files.hpp"

using namespace conv;
using namespace conv::test;

namespace {

const std::vector<std::string> kColour = {
    "explain",
    "-k",
    "shape: 3 2 2\n1 2\n3 4\n5 6\n7 8\n9 10\n11 12",
    "--input",
    "1 2 3; 4 5 6; 7 8 9 | 10 11 12; 13 14 15; 16 17 18 | 19 20 21; 22 23 24; 25 26 27",
    "--padding",
    "valid"};

}  // namespace

TEST_CASE("explain: the textbook 2x2 kernel as a column matrix") {
    const ExplainRun r = run_explain(kPlane);
    CHECK(r.code == 0);
    CHECK(r.err.empty());
    CHECK(part_of(r.out, "Weights, ") == R"(Weights, one row per kernel: K x CRS = 1 x 4
      c0r0s0  c0r0s1  c0r1s0  c0r1s1
  k0       9       8       7       6

Column matrix, one column per output: CRS x PQ = 4 x 4
            p0q0  p0q1  p1q0  p1q1
  c0 r0 s0     1     2     4     5
  c0 r0 s1     2     3     5     6
  c0 r1 s0     4     5     7     8
  c0 r1 s1     5     6     8     9

Weights * column matrix: K x PQ = 1 x 4
      p0q0  p0q1  p1q0  p1q1
  k0    83   113   173   203

Folded back into the picture: P x Q = 2 x 2
   83  113
  173  203
)");
}

TEST_CASE("explain: the textbook 2x2 kernel as a Toeplitz matrix of 4 x 9") {
    const ExplainRun r = run_explain(with(kPlane, {"--lowering", "toeplitz"}));
    CHECK(part_of(r.out, "Toeplitz matrix of") ==
          R"(Toeplitz matrix of the kernel: KPQ x CHW = 4 x 9 (. is a zero)
            c0h0w0  c0h0w1  c0h0w2  c0h1w0  c0h1w1  c0h1w2  c0h2w0  c0h2w1  c0h2w2
  k0 p0 q0       9       8       .       7       6       .       .       .       .
  k0 p0 q1       .       9       8       .       7       6       .       .       .
  k0 p1 q0       .       .       .       9       8       .       7       6       .
  k0 p1 q1       .       .       .       .       9       8       .       7       6

The picture as a vector, written as a row: CHW = 9
  c0h0w0  c0h0w1  c0h0w2  c0h1w0  c0h1w1  c0h1w2  c0h2w0  c0h2w1  c0h2w2
       1       2       3       4       5       6       7       8       9

Toeplitz matrix * picture, one row per kernel: K x PQ = 1 x 4
      p0q0  p0q1  p1q0  p1q1
  k0    83   113   173   203

Folded back into the picture: P x Q = 2 x 2
   83  113
  173  203
)");
}

TEST_CASE("explain: the textbook 2x2 kernel as the row blocks of gemm") {
    const ExplainRun r = run_explain(with(kPlane, {"--lowering", "rows"}));
    CHECK(part_of(r.out, "Lines of") == R"(Lines of the padded picture: LC x columns = 3 x 3
         x0  x1  x2
  i0 c0   1   2   3
  i1 c0   4   5   6
  i2 c0   7   8   9

A_0, column 0 of the kernel: TK x LC = 2 x 3 (. is a zero)
         i0c0  i1c0  i2c0
  t0 k0     9     7     .
  t1 k0     .     9     7

times the lines from column 0 on: LC x Q = 3 x 2
         q0  q1
  i0 c0   1   2
  i1 c0   4   5
  i2 c0   7   8

A_1, column 1 of the kernel: TK x LC = 2 x 3 (. is a zero)
         i0c0  i1c0  i2c0
  t0 k0     8     6     .
  t1 k0     .     8     6

times the lines from column 1 on: LC x Q = 3 x 2
         q0  q1
  i0 c0   2   3
  i1 c0   5   6
  i2 c0   8   9

Sum over s of A_s * lines: TK x Q = 2 x 2
          q0   q1
  t0 k0   83  113
  t1 k0  173  203

Folded back into the picture: P x Q = 2 x 2
   83  113
  173  203
)");
}

TEST_CASE("explain: a 3x3x3 picture under a 3x2x2 kernel, 27 values become 48") {
    const ExplainRun r = run_explain(kColour);
    CHECK(part_of(r.out, "As a product", "Methods") == R"(As a product of matrices
  im2col    weights 1 x 12 * column matrix 12 x 4 = result 1 x 4
            the 27 values of the picture become 48: 1.78 times as many
            192 bytes as float32
  toeplitz  kernel matrix 4 x 27 * picture 27 x 1 = result 4 x 1
            108 values for a kernel of 12, all but 12 per row zero;
            every row is the same numbers shifted; 432 bytes as float32
            so it is never built whole: gemm (rows) builds one small block of it
  rows      sum over 2 taps of (A_s 2 x 9 * lines 9 x 2) = 2 x 2, 2 rows of the result
            what gemm does: the picture is not expanded, the kernel's 12 values become 36
)");
    CHECK(part_of(r.out, "Column matrix") ==
          R"(Column matrix, one column per output: CRS x PQ = 12 x 4
            p0q0  p0q1  p1q0  p1q1
  c0 r0 s0     1     2     4     5
  c0 r0 s1     2     3     5     6
  c0 r1 s0     4     5     7     8
  c0 r1 s1     5     6     8     9
  c1 r0 s0    10    11    13    14
  c1 r0 s1    11    12    14    15
  c1 r1 s0    13    14    16    17
  c1 r1 s1    14    15    17    18
  c2 r0 s0    19    20    22    23
  c2 r0 s1    20    21    23    24
  c2 r1 s0    22    23    25    26
  c2 r1 s1    23    24    26    27

Weights * column matrix: K x PQ = 1 x 4
      p0q0  p0q1  p1q0  p1q1
  k0  1245  1323  1479  1557

Folded back into the picture: P x Q = 2 x 2
  1245  1323
  1479  1557
)");
}

TEST_CASE("explain: on 256 x 256 the Toeplitz matrix is 65,025 x 65,536 and not built") {
    const ExplainRun r =
        run_explain({"explain", "-k", "1 2; 3 4", "--size", "256x256", "--padding", "valid"});
    CHECK(r.code == 0);
    CHECK(part_of(r.out, "  toeplitz", "  rows") ==
          R"(  toeplitz  kernel matrix 65,025 x 65,536 * picture 65,536 x 1 = result 65,025 x 1
            4,261,478,400 values for a kernel of 4, all but 4 per row zero;
            every row is the same numbers shifted; 15.9 GiB as float32
            so it is never built whole: gemm (rows) builds one small block of it)");
    CHECK(r.out.find("Column matrix") == std::string::npos);
}

TEST_CASE("explain: the kernel's table, sizes and decisions") {
    const ExplainRun r = run_explain(with(kPlane, {"--convolve", "--depth", "u8", "--bias", "2"}));
    CHECK(part_of("\n" + r.out, "Kernel", "\nAs a product") ==
          R"(Kernel
  name     format  size   sum  sum |w|  rank  separable  symmetric
  -k text  plain   2 x 2   30       30     2  no         no

  9  8
  7  6

Convolution n1c1h3w3_k1r2s2
  input   --input: 1 x 3 x 3 (C x H x W), f32
  output  K = 1
          P = floor((3 + 0 + 0 - 1 * (2 - 1) - 1) / 1) + 1 = 2
          Q = floor((3 + 0 + 0 - 1 * (2 - 1) - 1) / 1) + 1 = 2
  work    16 multiply-adds (MACs) = N * K * P * Q * C/G * R * S = 1 * 1 * 2 * 2 * 1 * 2 * 2

Decisions
  kernel -k text: plain, 2 x 2, turned by 180 degrees (--convolve)
  padding: valid, nothing outside the picture is read
  alpha: the picture has none
  range: clamp into u8 (0 .. 255), rounded half to even)");
    CHECK(part_of(r.out, "Folded back") ==
          "Folded back into the picture plus bias 2: P x Q = 2 x 2\n   99  129\n  189  219\n");
}

TEST_CASE("explain: the chosen method and its prediction are those of apply") {
    const ExplainRun r = run_explain(with(kPlane, {"--method", "im2col"}));
    CHECK(r.out.find("<- chosen") != std::string::npos);
    CHECK(r.out.find("  im2col: asked for by name\n") != std::string::npos);
    const ExplainRun refused = run_explain(with(kPlane, {"--method", "winograd"}));
    CHECK(refused.code == 2);
    CHECK(refused.err.find("--method winograd cannot run this") != std::string::npos);
}

TEST_CASE("explain: --json holds the numbers and the matrices") {
    const ExplainRun r = run_explain(with(kPlane, {"--json"}));
    const auto json = nlohmann::json::parse(r.out);
    CHECK(json["problem"] == "n1c1h3w3_k1r2s2");
    CHECK(json["macs"] == 16);
    CHECK(json["kernels"][0]["rank"] == 2);
    CHECK(json["lowerings"]["im2col"]["values"] == 16);
    CHECK(json["lowerings"]["toeplitz"]["nonzero"] == 16);
    CHECK(json["candidates"].size() >= 3);
    const auto& steps = json["matrices"]["parts"][0]["steps"];
    CHECK(steps.back()["values"] == nlohmann::json({{83, 113}, {173, 203}}));
}

TEST_CASE("explain: several channels, groups and kernels are shown one by one") {
    const ExplainRun planes =
        run_explain({"explain", "-k", "1 2", "--input", "1 2 3 | 4 5 6", "--padding", "valid"});
    CHECK(planes.out.find("\nChannel 1 of 2\n") != std::string::npos);
    CHECK(part_of(planes.out, "Channel 1").find("\n  14  17\n") != std::string::npos);
    const ExplainRun groups = run_explain({"explain", "-k", "shape: 2 1 1 2\n1 2\n3 4", "--groups",
                                           "2", "--input", "1 2 3 | 4 5 6", "--padding", "valid"});
    CHECK(part_of(groups.out, "Group 1").find("\n  32  39\n") != std::string::npos);
    const ExplainRun bank = run_explain(
        {"explain", "-k", "1 2", "-k", "3 4", "--input", "1 2 3", "--padding", "valid"});
    CHECK(bank.out.find("\n  k0     5     8\n  k1    11    18\n") != std::string::npos);
}

TEST_CASE("explain: a constant border is added beside the Toeplitz matrix") {
    const ExplainRun r = run_explain({"explain", "-k", "1 1 1", "--input", "1 2 3", "--border",
                                      "constant:10", "--lowering", "toeplitz"});
    CHECK(part_of(r.out, "What the constant border adds", "Toeplitz") ==
          "What the constant border adds, written as a row: KPQ = 3\n  k0p0q0  k0p0q1  k0p0q2\n"
          "      10       0      10\n");
    CHECK(part_of(r.out, "Folded back").find("\n  13  6  15\n") != std::string::npos);
}

TEST_CASE("explain: an image file gives its sizes and depth") {
    const test::TemporaryFolder folder;
    test::write_image(folder.file("in.png"),
                      test::document_of(test::sample_picture(SampleType::u8, 4, 20, 30, true)));
    const ExplainRun r = run_explain({"explain", "-k", "sobel", folder.file("in.png")});
    CHECK(r.code == 0);
    CHECK(r.out.find("4 x 20 x 30 (C x H x W), u8") != std::string::npos);
    CHECK(r.out.find("alpha: copy (the default here)") != std::string::npos);
    CHECK(r.out.find("range: results lie in -1020 .. 1020, clamp into u8") != std::string::npos);
    CHECK(r.out.find("The matrices of im2col are too large to print") != std::string::npos);
}

TEST_CASE("explain: under weighted alpha colours are multiplied by opacity, bias comes later") {
    const test::TemporaryFolder folder;
    Image picture = Image::interleaved(SampleType::u8, 2, 1, 2, true);
    const std::array<std::uint8_t, 4> samples = {10, 255, 20, 0};  // grey, opacity
    std::copy(samples.begin(), samples.end(), picture.data<std::uint8_t>());
    test::write_image(folder.file("in.tif"), test::document_of(std::move(picture), "tiff"));
    const ExplainRun r = run_explain(
        {"explain", "-k", "1 1", "--padding", "valid", "--bias", "7", folder.file("in.tif")});
    CHECK(r.out.find("alpha: weighted") != std::string::npos);
    CHECK(part_of(r.out, "Column matrix", "\nWeights").find("c0 r0 s0  2550\n") !=
          std::string::npos);
    CHECK(part_of(r.out, "Folded back", "Channel").find(": P x Q = 1 x 1\n  2550\n") !=
          std::string::npos);
    CHECK(r.out.find("divided by the filtered opacity") != std::string::npos);
}

TEST_CASE("explain: a picture that need not exist takes no memory") {
    const ExplainRun r =
        run_explain({"explain", "-k", "box", "--channels", "gray", "--size", "32768x32768x3"});
    CHECK(r.code == 0);
    CHECK(r.out.find("n1c1h32768w32768") != std::string::npos);
}

TEST_CASE("explain: bad inputs are usage errors that name what works") {
    for (const auto& bad : std::vector<std::pair<std::vector<std::string>, std::string>>{
             {{}, "explain takes one of INPUT, --input"},
             {{"--size", "3x3", "--input", "1"}, "got several"},
             {{"--size", "3"}, "--size '3' is not understood, use HxW or HxWxC"},
             {{"--size", "0x4"}, "--size '0x4' is not understood"},
             {{"--size", "99999999x99999999"}, "more than 1073741824 pixels"},
             {{"--input", "1 2; 3"}, "--input"},
             {{"--input", "1 a"}, "--input:1:3"},
             {{"--input", "1 2 | 3"}, "give every plane the same size"},
             {{"--input", "1 2", "--lowering", "fold"}, "--lowering"}}) {
        const auto& arguments = bad.first;
        const std::string& text = bad.second;
        CAPTURE(text);
        const ExplainRun r = run_explain(with({"explain", "-k", "1"}, arguments));
        CHECK(r.code == 2);
        CHECK(r.out.empty());
        CHECK(r.err.find(text) != std::string::npos);
        CHECK(std::count(r.err.begin(), r.err.end(), '\n') == 1);
    }
}

TEST_CASE("explain: kernel and picture cannot both be standard input") {
    const ExplainRun r = run_explain({"explain", "-k", "-", "-"});
    CHECK(r.code == 2);
    CHECK(r.err.find("standard input can be read once") != std::string::npos);
}

TEST_CASE("explain: what the Toeplitz matrix holds is counted without building it") {
    // A 3x3 kernel with zeros around a 4x4 picture: 100 of its 144 weights meet a sample.
    CHECK(lowering_sizes(parse_problem("n1c1h4w4_k1r3s3_p1")).toeplitz_nonzero == 100);
    CHECK(lowering_sizes(parse_problem("n1c1h4w4_k1r3s3_p1_breflect101")).toeplitz_nonzero == 144);
    CHECK(lowering_sizes(parse_problem("n1c2h5w5_k3r2s2_s2")).toeplitz_nonzero == 96);
}
