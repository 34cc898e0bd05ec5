#include "files/image_file.hpp"

#include <doctest/doctest.h>

#include <map>

#include "support/test_files.hpp"

namespace {

using namespace conv;
using namespace conv::test;

TEST_CASE("image files: samples of fewer bits fill the range") {
    const TemporaryFolder folder;
    struct Case {
        std::string file;
        SampleType type;
        std::vector<double> samples;
    };
    for (const Case& given :
         {Case{"P2 3 1 7\n0 3 7\n", SampleType::u8, {0, 109, 255}},
          Case{std::string("P5 2 1 1023\n\3\xff\0\1", 16), SampleType::u16, {65535, 64}},
          Case{"P1 3 1\n1 01", SampleType::u8, {0, 255, 0}},
          Case{std::string("P4 3 1\n\xa0", 8), SampleType::u8, {0, 255, 0}}}) {
        write_bytes(folder.file("a"), given.file);
        const ImageDocument document = read_image(folder.file("a"));
        const Image& picture = document.pages[0];
        CHECK(picture.type == given.type);
        CHECK(document.notes.size() == 1);
        for (std::size_t x = 0; x < given.samples.size(); ++x) {
            CHECK(sample_at(picture, 0, 0, static_cast<std::int64_t>(x)) == given.samples[x]);
        }
    }
}

/// A TIFF of one row and one strip; `tags` replace or add to the usual ones.
std::string tiff_of(std::map<int, std::uint32_t> tags, const std::string& samples) {
    std::map<int, std::uint32_t> all = {
        {256, 1}, {257, 1}, {258, 8},
        {259, 1}, {262, 1}, {273, 8},
        {277, 1}, {278, 1}, {279, static_cast<std::uint32_t>(samples.size())}};
    for (const auto& [tag, value] : tags) all[tag] = value;
    std::string file = std::string("II*\0", 4) + little(8 + samples.size(), 4) + samples;
    file += little(all.size(), 2);
    for (const auto& [tag, value] : all) {
        file += little(static_cast<std::uint64_t>(tag), 2) + little(4, 2) + little(1, 4) +
                little(value, 4);
    }
    return file + little(0, 4);
}

TEST_CASE("image files: TIFF samples that OpenCV gets wrong are right") {
    const TemporaryFolder folder;
    struct Case {
        const char* name;
        std::string file;
        SampleType type;
        std::vector<double> samples;  // of all channels of the first pixels
    };
    for (const Case& given :
         {Case{"white is zero", tiff_of({{256, 2}, {262, 0}}, "\1\xff"), SampleType::u8, {254, 0}},
          Case{"white is zero, 12 bits",
               tiff_of({{256, 2}, {258, 12}, {262, 0}}, std::string("\0\0\xff", 3)),
               SampleType::u16,
               {65535, 61454}},
          Case{"2 bits", tiff_of({{256, 4}, {258, 2}}, "\x1b"), SampleType::u8, {0, 85, 170, 255}},
          Case{"signed", tiff_of({{256, 2}, {339, 2}}, "\xff\x7f"), SampleType::f32, {-1, 127}},
          Case{"unsigned 32 bits",
               tiff_of({{258, 32}}, std::string("\0\0\1\0", 4)),
               SampleType::f32,
               {65536}},
          Case{"half",
               tiff_of({{258, 16}, {339, 3}}, std::string("\0\xbe", 2)),
               SampleType::f32,
               {-1.5}},
          Case{"alpha not multiplied in",
               tiff_of({{262, 2}, {277, 4}, {338, 2}}, "\x64\x32\x0a\x80"),
               SampleType::u8,
               {100, 50, 10, 128}},
          Case{"alpha multiplied in",
               tiff_of({{262, 2}, {277, 4}, {338, 1}}, "\x32\x19\x05\x80"),
               SampleType::u8,
               {100, 50, 10, 128}}}) {
        CAPTURE(given.name);
        write_bytes(folder.file("a.tif"), given.file);
        const Image picture = read_image(folder.file("a.tif")).pages[0];
        REQUIRE(picture.type == given.type);
        const std::int64_t C = picture.shape.C;
        for (std::size_t i = 0; i < given.samples.size(); ++i) {
            const auto at = static_cast<std::int64_t>(i);
            CHECK(sample_at(picture, at % C, 0, at / C) == given.samples[i]);
        }
    }
}

TEST_CASE("image files: runs of a BMP may cover its rows' padding, and no more") {
    const TemporaryFolder folder;
    // 3 x 2 pixels of 8 bits; each row is padded to 4.
    const auto bmp = [](const std::string& runs) {
        const std::string palette("\x10\x20\x30\0\x40\x50\x60\0", 8);
        const std::string info = little(40, 4) + little(3, 4) + little(2, 4) + little(1, 2) +
                                 little(8, 2) + little(1, 4) + little(runs.size(), 4) +
                                 little(0, 8) + little(2, 4) + little(0, 4);
        const std::size_t offset = 14 + info.size() + palette.size();
        return "BM" + little(offset + runs.size(), 4) + little(0, 4) + little(offset, 4) + info +
               palette + runs;
    };
    const std::string end("\0\1", 2), next("\0\0", 2);
    const std::string row("\1\1\3\0", 4);  // one of colour 1, three of colour 0
    write_bytes(folder.file("padded.bmp"), bmp(row + next + row + next + end));
    const Image picture = read_image(folder.file("padded.bmp")).pages[0];
    for (const std::int64_t y : {0, 1}) {
        CHECK(sample_at(picture, 0, y, 0) == 0x60);
        CHECK(sample_at(picture, 2, y, 0) == 0x40);
        for (const std::int64_t x : {1, 2}) CHECK(sample_at(picture, 0, y, x) == 0x30);
    }
    write_bytes(folder.file("long.bmp"), bmp(row + row + next + end));
    CHECK(error_of([&] { read_image(folder.file("long.bmp")); }).find("a run leaves the picture") !=
          std::string::npos);
}

TEST_CASE("image files: comment lines in a PFM header are skipped") {
    const TemporaryFolder folder;
    const float values[] = {0.5F, -2, 3e10F};
    const std::string samples(reinterpret_cast<const char*>(values), sizeof values);
    write_bytes(folder.file("a.pfm"), "PF\n#vips2ppm - today\n1 1\n# two\n#\n-1.0\n" + samples);
    const Image picture = read_image(folder.file("a.pfm")).pages[0];
    for (const std::int64_t c : {0, 1, 2})
        CHECK(picture.data<float>()[c] == values[static_cast<std::size_t>(c)]);
    write_bytes(folder.file("b.pfm"), "PF\n# no end");
    CHECK(error_of([&] { read_image(folder.file("b.pfm")); }).find("its header has no end") !=
          std::string::npos);
}

TEST_CASE("image files: BMP palettes of OS/2 and channel masks are right") {
    const TemporaryFolder folder;
    // Two pixels: the first as the palette or the masks say, then another.
    const std::string old_head = little(12, 4) + little(2, 2) + little(1, 2) + little(1, 2);
    const std::string os2 = "BM" + little(0, 8) + little(32, 4) + old_head + little(1, 2) +
                            "\x0a\x14\x1e" + "\x28\x32\x3c" + std::string("\x80\0\0\0", 4);
    const std::string new_head = little(56, 4) + little(2, 4) + little(1, 4) + little(1, 2) +
                                 little(32, 2) + little(3, 4) + little(8, 4) + little(0, 16);
    const std::string masks = "BM" + little(0, 8) + little(70, 4) + new_head +
                              little(0xff000000, 4) + little(0xff0000, 4) + little(0xff00, 4) +
                              little(0xff, 4) + little(0x3c32287f, 4) + little(0x1e140a00, 4);
    write_bytes(folder.file("os2.bmp"), os2);
    write_bytes(folder.file("masks.bmp"), masks);
    const Image indexed = read_image(folder.file("os2.bmp")).pages[0];
    const Image masked = read_image(folder.file("masks.bmp")).pages[0];
    REQUIRE(indexed.shape == Shape{1, 3, 1, 2});
    REQUIRE(masked.shape == Shape{1, 4, 1, 2});
    CHECK(masked.has_alpha);
    CHECK(sample_at(masked, 3, 0, 0) == 127);
    constexpr double kPixels[2][3] = {{60, 50, 40}, {30, 20, 10}};
    for (int x = 0; x < 2; ++x) {
        for (int c = 0; c < 3; ++c) {
            CHECK(sample_at(indexed, c, 0, x) == kPixels[x][c]);
            CHECK(sample_at(masked, c, 0, x) == kPixels[x][c]);
        }
    }
}

}  // namespace
