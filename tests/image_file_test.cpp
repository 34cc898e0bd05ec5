#include "files/image_file.hpp"

#include <doctest/doctest.h>

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
        planar.samples = Samples(planar.samples, planar.data<std::uint8_t>() + 60);
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
