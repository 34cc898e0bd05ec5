#include "conv/problem.hpp"

#include <doctest/doctest.h>

#include "base/error.hpp"
#include "base/size.hpp"
#include "support/problems.hpp"

using namespace conv;

TEST_CASE("problem: the text form names every size and reads back the same") {
    CHECK(format_problem(parse_problem("n1c3h224w224_k64r3s3_p1")) == "n1c3h224w224_k64r3s3_p1");
    for (const auto& named : test::named_problems()) {
        const Problem& problem = named.problem;
        CAPTURE(named.name);
        CHECK(parse_problem(format_problem(problem)) == problem);
    }
    for (const auto& named : test::size_sweep()) {
        const Problem& problem = named.problem;
        CAPTURE(named.name);
        CHECK(parse_problem(format_problem(problem)) == problem);
    }
}

TEST_CASE("problem: what a source holds is no size") {
    const Problem sizes = parse_problem("n1c3h20w20_k1r3s3_p1");
    Problem bytes = sizes;
    bytes.facts = {SampleType::u8, true, SampleType::u8, 0.25};
    CHECK(parse_problem(format_problem(bytes)) == bytes);
    CHECK(bytes.facts != sizes.facts);
    bytes.padding.left = 2;
    CHECK(bytes != sizes);
}

TEST_CASE("problem: output sizes are the formula's") {
    const Problem first_layer = parse_problem("n1c3h227w227_k96r11s11_s4");
    CHECK(first_layer.P() == 55);
    CHECK(first_layer.Q() == 55);
    const Problem uneven = parse_problem("n2c2h20w23_k3r5s4_p1x2x0x3_s3x2_d1x2");
    CHECK(uneven.P() == (20 + 1 + 2 - 5) / 3 + 1);
    CHECK(uneven.Q() == (23 + 0 + 3 - 2 * 3 - 1) / 2 + 1);
    CHECK(parse_problem("n1c1h3w3_k1r2s2").macs() == 16);
}

TEST_CASE("problem: text that is no problem is refused with the place") {
    for (const char* text :
         {"", "n1", "n1c3h224w224", "n1c3h224w224_k64r3s3_p1x2x3", "n1c1h3w3_k1r2s2_x1",
          "n1c1h3w3_k1r2s2 ", "n-1c1h3w3_k1r2s2", "n1c1h3w3_k1r2s2_p-1", "n1c1h3w3_k1r2s2_s0",
          "n1c1h3w3_k1r2s2_g2", "n1c1h3w3_k1r4s2", "n99999999999999999999c1h3w3_k1r2s2",
          "n1c1h3w3_k1r2s2_bmirror"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(parse_problem(text), Error);
    }
}

TEST_CASE("problem: sizes whose products overflow are refused before anything is booked") {
    Problem p;
    p.N = p.C = p.H = p.W = std::int64_t{1} << 20;
    CHECK_THROWS_WITH_AS(validate(p), doctest::Contains("too large"), Error);
    Problem padded;
    padded.padding = {2'000'000'000, 2'000'000'000, 2'000'000'000, 2'000'000'000};
    padded.K = 1'000'000'000;
    CHECK_THROWS_AS(validate(padded), Error);
}

TEST_CASE("size: byte counts are read with units and written for people") {
    CHECK(parse_bytes("--size", "512") == 512);
    CHECK(parse_bytes("--size", "64M") == 64 << 20);
    CHECK(parse_bytes("--size", "1.5GiB") == 3LL << 29);
    CHECK(parse_bytes("--size", "10kB") == 10240);
    for (const char* text : {"", "M", "12Q", "-1", "0", "1 M", "1e99T", "nan", "inf", "12MM"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(parse_bytes("--size", text), Error);
    }
    CHECK(format_bytes(812) == "812 bytes");
    CHECK(format_bytes(3LL << 29) == "1.5 GiB");
}
