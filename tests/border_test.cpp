#include "tensor/border.hpp"

#include <doctest/doctest.h>

#include <array>
#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "tensor/border_rules.hpp"

using namespace conv;

namespace {

/// The letters that stand at columns -7 .. size + 6 of the line "abc..." of `size` letters.
std::string drawn(BorderMode mode, std::int64_t size) {
    std::string line;
    for (std::int64_t i = -7; i < size + 7; ++i) {
        const std::int64_t at = border_index(mode, i, size);
        line += at < 0 ? '.' : static_cast<char>('a' + at);
    }
    return line;
}

std::vector<float> padded(const Source& source, const Border& border, std::int64_t h,
                          std::int64_t first, std::int64_t count) {
    std::vector<float> row(static_cast<std::size_t>(count * source.shape.N), -99.0F);
    pad_row(source, border, 0, h, first, count, row.data());
    return row;
}

}  // namespace

TEST_CASE("border: rows of the table are in the order of the modes, and every name is one mode's") {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < border_rules().size(); ++i) {
        const BorderRule& rule = border_rules()[i];
        CHECK(rule.mode == static_cast<BorderMode>(i));
        CHECK(&border_rule(rule.mode) == &rule);
        for (const std::string_view name : rule.names) {
            if (name.empty()) continue;
            CHECK(names.insert(name).second);
            CHECK(parse_border(name).mode == rule.mode);
        }
        CHECK(format_border({rule.mode, {}}) == rule.names.front());
    }
    CHECK(names.size() == border_words().size());
}

TEST_CASE("border: each mode continues abc as its pattern says, also further than the line") {
    CHECK(drawn(BorderMode::constant, 3) == ".......abc.......");
    CHECK(drawn(BorderMode::replicate, 3) == "aaaaaaaabcccccccc");
    CHECK(drawn(BorderMode::reflect, 3) == "aabccbaabccbaabcc");
    CHECK(drawn(BorderMode::reflect101, 3) == "bcbabcbabcbabcbab");
    CHECK(drawn(BorderMode::wrap, 3) == "cabcabcabcabcabca");
}

TEST_CASE("border: a line of one sample repeats it in every mode but constant") {
    for (const BorderMode mode :
         {BorderMode::replicate, BorderMode::reflect, BorderMode::reflect101, BorderMode::wrap}) {
        CHECK(drawn(mode, 1) == std::string(15, 'a'));
    }
    CHECK(drawn(BorderMode::constant, 1) == ".......a.......");
}

TEST_CASE("border: a line of two samples") {
    CHECK(drawn(BorderMode::reflect, 2) ==
          "bbaabba"
          "ab"
          "baabbaa");
    CHECK(drawn(BorderMode::reflect101, 2) ==
          "bababab"
          "ab"
          "abababa");
    CHECK(drawn(BorderMode::wrap, 2) ==
          "bababab"
          "ab"
          "abababa");
}

TEST_CASE("border: names and aliases are read, and written by their canonical name") {
    for (const auto& [text, canonical] : std::vector<std::pair<std::string, std::string>>{
             {"constant", "constant"},
             {"zero", "constant"},
             {"constant:7", "constant:7"},
             {"constant:1,2.5,-3", "constant:1,2.5,-3"},
             {"edge", "replicate"},
             {"nearest", "replicate"},
             {"clamp", "replicate"},
             {"replicate", "replicate"},
             {"symmetric", "reflect"},
             {"reflect", "reflect"},
             {"mirror101", "reflect101"},
             {"reflect101", "reflect101"},
             {"tile", "wrap"},
             {"periodic", "wrap"},
             {"wrap", "wrap"}}) {
        CHECK(format_border(parse_border(text)) == canonical);
    }
}

TEST_CASE("border: what cannot be meant is refused with what would work") {
    CHECK_THROWS_WITH_AS(parse_border("mirror"), doctest::Contains("reflect101"), Error);
    CHECK_THROWS_WITH_AS(parse_border("mirrored"), doctest::Contains("'mirrored'"), Error);
    CHECK_THROWS_AS(parse_border(""), Error);
    CHECK_THROWS_AS(parse_border("wrap:1"), Error);
    CHECK_THROWS_AS(parse_border("constant:"), Error);
    CHECK_THROWS_AS(parse_border("constant:1,,2"), Error);
    CHECK_THROWS_AS(parse_border("constant:nan"), Error);
    CHECK_THROWS_AS(parse_border("constant:1e999"), Error);
}

TEST_CASE("padding: rows and columns outside the picture follow the border") {
    const std::array<std::uint8_t, 6> samples = {1, 2, 3, 4, 5, 6};
    const Source source(SampleType::u8, samples.data(), {1, 1, 2, 3}, {0, 0, 3, 1});
    using Row = std::vector<float>;
    CHECK(padded(source, {BorderMode::replicate, {}}, -5, -2, 7) == Row{1, 1, 1, 2, 3, 3, 3});
    CHECK(padded(source, {BorderMode::wrap, {}}, 2, -2, 7) == Row{2, 3, 1, 2, 3, 1, 2});
    CHECK(padded(source, {BorderMode::constant, {9}}, 1, -1, 5) == Row{9, 4, 5, 6, 9});
    CHECK(padded(source, {BorderMode::constant, {9}}, 2, -1, 5) == Row{9, 9, 9, 9, 9});
    SUBCASE("a range that starts or ends inside, or lies wholly outside") {
        CHECK(padded(source, {BorderMode::reflect, {}}, 0, 1, 2) == Row{2, 3});
        CHECK(padded(source, {BorderMode::reflect, {}}, 0, 3, 3) == Row{3, 2, 1});
        CHECK(padded(source, {BorderMode::reflect, {}}, 0, -3, 2) == Row{3, 2});
    }
}

TEST_CASE("padding: interleaved pictures keep their own samples and border values") {
    const std::array<std::uint16_t, 4> samples = {1, 10, 2, 20};  // 1 x 2 pixels of 2 pictures
    const Source source(SampleType::u16, samples.data(), {2, 1, 1, 2}, {1, 0, 4, 2});
    const Border border{BorderMode::constant, {7, 8}};
    CHECK(padded(source, border, 0, -1, 4) == std::vector<float>{7, 8, 1, 10, 2, 20, 7, 8});
}

TEST_CASE("padding: every range of a row holds what its samples are when read one by one") {
    const std::array<std::uint8_t, 10> samples = {3, 2, 5, 4, 7, 6, 9, 8, 11, 10};
    constexpr std::int64_t W = 5;  // pixels of a grey picture and its alpha
    for (const bool alpha_weighted : {false, true}) {
        Source source(SampleType::u8, samples.data(), {2, 1, 1, W}, {1, 0, 2 * W, 2});
        source.alpha_weighted = alpha_weighted;
        for (const BorderRule& rule : border_rules()) {
            const Border border{rule.mode, {}};
            for (std::int64_t first = -2 * W - 1; first <= 3 * W; ++first) {
                for (std::int64_t count = 0; count <= 4 * W; ++count) {
                    std::vector<float> expected;
                    for (std::int64_t i = first; i < first + count; ++i) {
                        const std::int64_t w = border_index(rule.mode, i, W);
                        for (const std::int64_t n : {0, 1}) {
                            expected.push_back(w < 0 ? 0.0F : source.at(n, 0, 0, w));
                        }
                    }
                    CAPTURE(rule.names.front());
                    CAPTURE(first);
                    CAPTURE(count);
                    CHECK(padded(source, border, 0, first, count) == expected);
                }
            }
        }
    }
}

TEST_CASE("source: alpha weighting multiplies every picture but the last by the last") {
    const std::array<std::uint8_t, 4> samples = {3, 2, 5, 4};
    Source source(SampleType::u8, samples.data(), {2, 1, 1, 2}, {1, 0, 4, 2});
    source.alpha_weighted = true;
    const Border border{BorderMode::constant, {6, 10}};
    CHECK(padded(source, border, 0, -1, 3) == std::vector<float>{60, 10, 6, 2, 20, 4});
    CHECK(source.at(0, 0, 0, 1) == 20);
    CHECK(source.at(1, 0, 0, 1) == 4);
}
