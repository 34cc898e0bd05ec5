#include "files/image_file.hpp"

#include <doctest/doctest.h>

#include <map>

#include "support/test_files.hpp"

namespace {

using namespace conv;
using namespace conv::test;

struct Held {
    const char* extension;
    SampleType type;
    std::int64_t channels;
    bool has_alpha;
};

constexpr Held kHeld[] = {{"png", SampleType::u8, 1, false},  {"png", SampleType::u8, 3, false},
                          {"png", SampleType::u8, 4, true},   {"png", SampleType::u16, 1, false},
                          {"png", SampleType::u16, 3, false}, {"png", SampleType::u16, 4, true},
                          {"tif", SampleType::u8, 1, false},  {"tif", SampleType::u8, 3, false},
                          {"tif", SampleType::u8, 4, true},   {"tif", SampleType::u8, 2, true},
                          {"tif", SampleType::u8, 4, false},  {"tif", SampleType::u16, 3, false},
                          {"tif", SampleType::u16, 4, true},  {"tif", SampleType::f32, 1, false},
                          {"tif", SampleType::f32, 3, false}, {"tif", SampleType::f32, 4, true},
                          {"tif", SampleType::f32, 9, false}, {"ppm", SampleType::u8, 3, false},
                          {"pgm", SampleType::u8, 1, false},  {"ppm", SampleType::u16, 3, false},
                          {"pfm", SampleType::f32, 1, false}, {"pfm", SampleType::f32, 3, false},
                          {"exr", SampleType::f32, 1, false}, {"exr", SampleType::f32, 3, false},
                          {"exr", SampleType::f32, 4, false}, {"bmp", SampleType::u8, 1, false},
                          {"bmp", SampleType::u8, 3, false},  {"npy", SampleType::u8, 1, false},
                          {"npy", SampleType::u16, 3, false}, {"npy", SampleType::f32, 4, false}};

TEST_CASE("image files: lossless formats give back every sample") {
    const TemporaryFolder folder;
    for (const Held& held : kHeld) {
        for (const auto& [height, width] : {std::pair{1, 1}, {1, 9}, {13, 7}, {130, 70}}) {
            CAPTURE(held.extension);
            CAPTURE(sample_type_name(held.type));
            CAPTURE(held.channels);
            const Image picture =
                sample_picture(held.type, held.channels, height, width, held.has_alpha);
            const std::string path = folder.file(std::string("a.") + held.extension);
            write_image(path, document_of(picture));
            const ImageDocument back = read_image(path);
            REQUIRE(back.pages.size() == 1);
            CHECK(difference(back.pages[0], picture) == 0);
        }
    }
}

TEST_CASE("image files: planar and flipped pictures are written as they are seen") {
    const TemporaryFolder folder;
    for (const std::string extension : {"png", "tif", "ppm", "bmp", "npy"}) {
        CAPTURE(extension);
        const Image seen = sample_picture(SampleType::u8, 3, 11, 6);
        Image planar = Image::planar(SampleType::u8, 3, 11, 6);
        planar.samples = std::shared_ptr<void>(planar.samples, planar.data<std::uint8_t>() + 60);
        planar.strides.H = -6;
        for (std::int64_t c = 0; c < 3; ++c) {
            for (std::int64_t y = 0; y < 11; ++y) {
                for (std::int64_t x = 0; x < 6; ++x) {
                    planar.data<std::uint8_t>()[c * planar.strides.C - y * 6 + x] =
                        static_cast<std::uint8_t>(sample_at(seen, c, y, x));
                }
            }
        }
        const std::string path = folder.file("a." + extension);
        write_image(path, document_of(planar));
        CHECK(difference(read_image(path).pages[0], seen) == 0);
        CHECK(sample_at(planar, 0, 0, 0) == sample_at(seen, 0, 0, 0));  // not swapped in place
    }
}

TEST_CASE("image files: every TIFF compression is lossless") {
    const TemporaryFolder folder;
    for (const std::string compression : {"none", "lzw", "deflate"}) {
        for (const SampleType type : {SampleType::u8, SampleType::u16, SampleType::f32}) {
            const Image picture = sample_picture(type, 3, 40, 30);
            WriteOptions options;
            options.tiff_compression = compression;
            write_image(folder.file("a.tif"), document_of(picture), options);
            CHECK(difference(read_image(folder.file("a.tif")).pages[0], picture) == 0);
        }
    }
}

TEST_CASE("image files: lossy formats come close") {
    const TemporaryFolder folder;
    Image smooth = Image::interleaved(SampleType::u8, 3, 32, 32);
    for (int i = 0; i < 32 * 32 * 3; ++i) {
        smooth.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i / 96 * 4 + 60 * (i % 3));
    }
    for (const std::string extension : {"jpg", "webp"}) {
        write_image(folder.file("a." + extension), document_of(smooth));
        CHECK(difference(read_image(folder.file("a." + extension)).pages[0], smooth) < 12);
    }
}

TEST_CASE("image files: HDR keeps values within one part in 128 of the largest channel") {
    const TemporaryFolder folder;
    Image picture = sample_picture(SampleType::f32, 3, 8, 16);
    for (int i = 0; i < 8 * 16 * 3; ++i) picture.data<float>()[i] = static_cast<float>(i % 50) + 1;
    write_image(folder.file("a.hdr"), document_of(picture));
    CHECK(difference(read_image(folder.file("a.hdr")).pages[0], picture) <= 51.0 / 128);
}

TEST_CASE("image files: TIFF and .npy keep all pages") {
    const TemporaryFolder folder;
    for (const std::string extension : {"tif", "npy"}) {
        ImageDocument pages = document_of(sample_picture(SampleType::u16, 3, 5, 6));
        pages.pages.push_back(sample_picture(SampleType::u16, 3, 5, 6));
        pages.pages[1].data<std::uint16_t>()[0] = 12345;
        write_image(folder.file("a." + extension), pages);
        const ImageDocument back = read_image(folder.file("a." + extension));
        REQUIRE(back.pages.size() == 2);
        CHECK(difference(back.pages[0], pages.pages[0]) == 0);
        CHECK(difference(back.pages[1], pages.pages[1]) == 0);
    }
}

TEST_CASE("image files: an array keeps its rank") {
    const TemporaryFolder folder;
    for (const int rank : {2, 3, 4}) {
        ImageDocument document = document_of(sample_picture(SampleType::f32, 1, 5, 6), "npy");
        document.array_rank = rank;
        write_image(folder.file("a.npy"), document);
        CHECK(read_image(folder.file("a.npy")).array_rank == rank);
    }
}

TEST_CASE("image files: a 3-D array that looks like H W C needs a layout") {
    const TemporaryFolder folder;
    ImageDocument document = document_of(sample_picture(SampleType::u8, 9, 5, 3), "npy");
    write_image(folder.file("a.npy"), document);
    const std::string message = error_of([&] { read_image(folder.file("a.npy")); });
    CHECK(message.find("--layout hwc") != std::string::npos);
    ReadOptions options;
    options.layout = "hwc";
    CHECK(read_image(folder.file("a.npy"), options).pages[0].shape == Shape{1, 3, 9, 5});
    options.layout = "chw";
    CHECK(read_image(folder.file("a.npy"), options).pages[0].shape == Shape{1, 9, 5, 3});
}

TEST_CASE("image files: the content decides the format, not the name") {
    const TemporaryFolder folder;
    write_image(folder.file("a.png"), document_of(sample_picture(SampleType::u8, 3, 5, 6)));
    std::filesystem::rename(folder.file("a.png"), folder.file("a b \xc3\xa9.tif"));
    CHECK(read_image(folder.file("a b \xc3\xa9.tif")).format == "png");
}

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

TEST_CASE("image files: metadata travels between PNG, JPEG, WebP and TIFF") {
    const TemporaryFolder folder;
    Metadata metadata;
    metadata.icc_profile.assign(300, 7);
    const std::string size = big(300, 4), space = "RGB ";
    std::copy(size.begin(), size.end(), metadata.icc_profile.begin());
    std::copy(space.begin(), space.end(), metadata.icc_profile.begin() + 16);
    // One tag, Make, of six bytes in an EXIF block of its own.
    const std::string exif = std::string("II*\0\10\0\0\0", 8) + little(1, 2) + little(0x10f, 2) +
                             little(2, 2) + little(6, 4) + little(26, 4) + little(0, 4) +
                             std::string("Maker\0", 6);
    metadata.exif.assign(exif.begin(), exif.end());
    metadata.x_per_inch = 300;
    metadata.y_per_inch = 150;
    for (const std::string from : {"png", "jpg", "webp", "tif"}) {
        for (const std::string to : {"png", "jpg", "webp", "tif"}) {
            CAPTURE(from + " to " + to);
            ImageDocument document = document_of(sample_picture(SampleType::u8, 3, 20, 30));
            document.metadata = metadata;
            write_image(folder.file("a." + from), document);
            write_image(folder.file("b." + to), read_image(folder.file("a." + from)));
            const Metadata kept = read_image(folder.file("b." + to)).metadata;
            CHECK(kept.icc_profile == metadata.icc_profile);
            const std::string text(kept.exif.begin(), kept.exif.end());
            CHECK(text.find("Maker") != std::string::npos);
            if (from == "webp" || to == "webp") continue;  // has no place for a resolution
            CHECK(kept.x_per_inch == doctest::Approx(300).epsilon(0.001));
            CHECK(kept.y_per_inch == doctest::Approx(150).epsilon(0.001));
        }
    }
}

TEST_CASE("image files: a colour profile is dropped, with a note, when the picture becomes grey") {
    const TemporaryFolder folder;
    ImageDocument document = document_of(sample_picture(SampleType::u8, 1, 4, 4));
    document.metadata.icc_profile.assign(300, 7);
    OutputFiles outputs;
    outputs.add(folder.file("a.png"), document);
    outputs.commit();
    CHECK(outputs.notes().size() == 1);
    CHECK(read_image(folder.file("a.png")).metadata.icc_profile.empty());
}

TEST_CASE("image files: EXIF orientation is applied, and reset in the output") {
    const TemporaryFolder folder;
    const Image stored = sample_picture(SampleType::u8, 3, 4, 6);
    // Where pixel (0, 0) as stored, and its right neighbour, are seen for each tag: y, x, y, x.
    constexpr int kSeen[8][4] = {{0, 0, 0, 1}, {0, 5, 0, 4}, {3, 5, 3, 4}, {3, 0, 3, 1},
                                 {0, 0, 1, 0}, {0, 3, 1, 3}, {5, 3, 4, 3}, {5, 0, 4, 0}};
    for (int tag = 1; tag <= 8; ++tag) {
        CAPTURE(tag);
        ImageDocument document = document_of(stored);
        const std::string exif = std::string("II*\0\10\0\0\0", 8) + little(1, 2) +
                                 little(0x112, 2) + little(3, 2) + little(1, 4) +
                                 little(static_cast<std::uint64_t>(tag), 4) + little(0, 4);
        document.metadata.exif.assign(exif.begin(), exif.end());
        write_image(folder.file("a.png"), document);
        const ImageDocument seen = read_image(folder.file("a.png"));
        const int* at = kSeen[tag - 1];
        CHECK(seen.pages[0].shape.H == (tag < 5 ? 4 : 6));
        CHECK(sample_at(seen.pages[0], 1, at[0], at[1]) == sample_at(stored, 1, 0, 0));
        CHECK(sample_at(seen.pages[0], 1, at[2], at[3]) == sample_at(stored, 1, 0, 1));
        write_image(folder.file("b.png"), seen);
        CHECK(difference(read_image(folder.file("b.png")).pages[0], seen.pages[0]) == 0);
    }
}

TEST_CASE("image files: what a format cannot hold is refused, naming what can") {
    struct Case {
        const char* path;
        SampleType type;
        std::int64_t channels;
        bool has_alpha;
        const char* advice;
    };
    for (const Case& given : {Case{"a.png", SampleType::f32, 3, false,
                                   ".tif, .pfm, .exr, .hdr or .npy, or --depth u8|u16"},
                              Case{"a.jpg", SampleType::u16, 3, false, "--depth u8"},
                              Case{"a.jpg", SampleType::u8, 4, true, "--alpha drop"},
                              Case{"a.png", SampleType::u8, 5, false, "{k}"},
                              Case{"a.png", SampleType::u8, 2, false, ".npy"},
                              Case{"a.exr", SampleType::u8, 3, false, "--depth f32"}}) {
        CAPTURE(given.path);
        const std::string message = error_of([&] {
            check_representable(output_format(given.path, "png"), given.path, given.type,
                                given.channels, given.has_alpha, 1);
        });
        CHECK(message.starts_with(given.path));
        CHECK(message.find(given.advice) != std::string::npos);
    }
    CHECK(error_of([] {
              check_representable(output_format("a.png", "png"), "a.png", SampleType::u8, 3, false,
                                  2);
          }).find("{page}") != std::string::npos);
}

TEST_CASE("image files: the output path names the format") {
    CHECK(output_format("a.JPG", "png").name == "jpeg");
    CHECK(output_format("-", "tiff").name == "tiff");
    CHECK(output_format("webp:-", "tiff").name == "webp");
    for (const std::string path : {"a", "a.gif", "a.", "gif:-"}) {
        CAPTURE(path);
        CHECK(error_of([&] { output_format(path, "png"); }).find("png") != std::string::npos);
    }
}

TEST_CASE("image files: sizes beyond the limits are refused before decoding") {
    const TemporaryFolder folder;
    for (const std::string extension : {"png", "jpg", "tif", "webp", "ppm", "bmp", "npy"}) {
        CAPTURE(extension);
        const std::string path = folder.file("a." + extension);
        write_image(path, document_of(sample_picture(SampleType::u8, 3, 40, 50)));
        ReadOptions options;
        options.max_pixels = 1999;
        CHECK(error_of([&] { read_image(path, options); }).find("--max-pixels") !=
              std::string::npos);
        options.max_pixels = 2000;
        CHECK(read_image(path, options).pages.size() == 1);
        options.max_memory = 40 * 50 * 3 - 1;
        CHECK(error_of([&] { read_image(path, options); }).find("--max-memory") !=
              std::string::npos);
    }
}

}  // namespace
