#include <doctest/doctest.h>
#include <tiffio.h>

#include <filesystem>
#include <map>

#include "files/codec.hpp"
#include "files/opencv_file.hpp"
#include "files/row_document.hpp"
#include "support/command_line.hpp"
#include "support/filtering.hpp"
#include "support/picture_files.hpp"
#include "support/test_files.hpp"
#include "support/tiff_files.hpp"

// The row codecs and OpenCV's beside each other: the same pixels, or a refusal in the table below.

namespace {

using namespace conv;
using namespace conv::test;

struct Sample {
    std::string name;  ///< what it is; its first word is the format
    std::string bytes;
};

std::vector<Sample> png_samples() {
    std::vector<Sample> all;
    const std::vector<std::pair<int, std::vector<int>>> forms = {
        {0, {1, 2, 4, 8, 16}}, {2, {8, 16}}, {3, {1, 2, 4, 8}}, {4, {8, 16}}, {6, {8, 16}}};
    for (const auto& [colour, depths] : forms) {
        for (const int depth : depths) {
            for (const bool interlaced : {false, true}) {
                for (const bool transparent : {false, true}) {
                    if (transparent && colour >= 4) continue;
                    all.push_back(
                        {fmt::format("png type {} bits {}{}{}", colour, depth,
                                     interlaced ? " interlaced" : "", transparent ? " tRNS" : ""),
                         png_by_libpng({.colour_type = colour,
                                        .depth = depth,
                                        .interlaced = interlaced,
                                        .transparent = transparent})});
                }
            }
        }
    }
    return all;
}

std::vector<Sample> jpeg_samples() {
    std::vector<Sample> all;
    for (const bool progressive : {false, true}) {
        const std::string kind = progressive ? " progressive" : "";
        all.push_back(
            {"jpg grey" + kind, jpeg_by_libjpeg({.channels = 1, .progressive = progressive})});
        for (const auto& [horizontal, vertical] :
             std::vector<std::pair<int, int>>{{1, 1}, {2, 1}, {2, 2}, {1, 2}}) {
            all.push_back({fmt::format("jpg {}x{}{}", horizontal, vertical, kind),
                           jpeg_by_libjpeg({.horizontal = horizontal,
                                            .vertical = vertical,
                                            .progressive = progressive})});
        }
    }
    const std::string whole = jpeg_by_libjpeg({});
    all.push_back({"jpg cut in half", whole.substr(0, whole.size() / 2)});
    all.push_back({"jpg without its end mark", whole.substr(0, whole.size() - 2)});
    all.push_back({"jpg cmyk", jpeg_by_libjpeg({.cmyk = true})});
    return all;
}

std::vector<Sample> tiff_samples() {
    std::vector<TiffSpec> specs = {
        {.name = "bits 8"},
        {.name = "bits 16", .bits = 16},
        {.name = "rgb", .channels = 3, .photometric = 2},
        {.name = "rgb bits 16", .channels = 3, .bits = 16, .photometric = 2},
        {.name = "float", .bits = 32, .format = 3},
        {.name = "rgb float", .channels = 3, .bits = 32, .format = 3, .photometric = 2},
        {.name = "tiles", .channels = 3, .compression = 8, .photometric = 2, .tile = 16},
        {.name = "tiles bits 16", .bits = 16, .compression = 5, .tile = 16},
        {.name = "lzw predictor",
         .channels = 3,
         .compression = 5,
         .predictor = 2,
         .photometric = 2},
        {.name = "big", .bits = 16, .mode = "w8b"},
        {.name = "bits 10", .bits = 10},
        {.name = "bits 12", .bits = 12},
        {.name = "bits 14", .bits = 14},
        {.name = "signed", .bits = 16, .format = 2},
        {.name = "signed bits 8 rgb", .channels = 3, .format = 2, .photometric = 2},
        {.name = "bits 32", .bits = 32},
        {.name = "double", .bits = 64, .format = 3},
        {.name = "white is zero", .photometric = 0},
        {.name = "white is zero bits 16", .bits = 16, .photometric = 0},
        {.name = "palette", .photometric = 3},
        {.name = "rgba 1", .channels = 4, .photometric = 2, .extra_samples = {1}},
        {.name = "rgba 2", .channels = 4, .photometric = 2, .extra_samples = {2}},
        {.name = "grey alpha", .channels = 2, .extra_samples = {2}},
        {.name = "planes", .channels = 3, .photometric = 2, .separate_planes = true}};
    for (const int orientation : {2, 3, 6}) {
        specs.push_back({.name = fmt::format("orientation {}", orientation),
                         .channels = 3,
                         .photometric = 2,
                         .orientation = orientation});
    }
    const TemporaryFolder folder;
    std::vector<Sample> all;
    for (const TiffSpec& spec : specs) {
        write_with_libtiff(folder.file("a.tif"), spec);
        all.push_back({"tif " + spec.name, read_bytes(folder.file("a.tif"))});
    }
    write_with_libtiff(folder.file("a.tif"), specs.front(), 3);
    all.push_back({"tif three pages", read_bytes(folder.file("a.tif"))});
    return all;
}

std::string written(const std::string& extension, SampleType type, std::int64_t channels,
                    bool alpha = false) {
    const TemporaryFolder folder;
    WriteOptions options;
    options.lossless = true;
    write_image(folder.file("a." + extension),
                document_of(sample_picture(type, channels, 23, 37, alpha)), options);
    return read_bytes(folder.file("a." + extension));
}

std::vector<Sample> other_samples() {
    const std::string samples(std::size_t{12} * 9 * 3, '\x5a');
    return {{"pgm", written("pgm", SampleType::u8, 1)},
            {"pgm bits 16", written("pgm", SampleType::u16, 1)},
            {"ppm", written("ppm", SampleType::u8, 3)},
            {"ppm maxval 200", "P6\n12 9\n200\n" + samples},
            {"ppm text", "P3\n2 1\n255\n1 2 3 4 5 6\n"},
            {"pbm", "P4\n12 9\n" + samples.substr(0, 18)},
            {"ppm short", "P6\n12 9\n255\n" + samples.substr(9)},
            {"pfm", written("pfm", SampleType::f32, 3)},
            {"pfm grey", written("pfm", SampleType::f32, 1)},
            {"hdr", written("hdr", SampleType::f32, 3)},
            {"exr", written("exr", SampleType::f32, 3)},
            {"exr grey", written("exr", SampleType::f32, 1)},
            {"exr alpha", written("exr", SampleType::f32, 4)},
            {"webp", written("webp", SampleType::u8, 3)},
            {"webp alpha", written("webp", SampleType::u8, 4, true)},
            {"bmp", written("bmp", SampleType::u8, 3)},
            {"bmp grey", written("bmp", SampleType::u8, 1)},
            {"npy", written("npy", SampleType::u8, 1)}};
}

/// What OpenCV does not give as it is, by name: words of the refusal, which names --codec opencv
/// or the fault that both see.
const std::map<std::string, std::string>& exceptions() {
    static const std::map<std::string, std::string> all = {
        {"png type 0 bits 1 tRNS", "OpenCV makes"},
        {"png type 0 bits 2 tRNS", "OpenCV makes"},
        {"png type 0 bits 4 tRNS", "OpenCV makes"},
        {"png type 0 bits 8 tRNS", "OpenCV makes"},
        {"png type 0 bits 16 tRNS", "OpenCV makes"},
        {"png type 0 bits 1 interlaced tRNS", "OpenCV makes"},
        {"png type 0 bits 2 interlaced tRNS", "OpenCV makes"},
        {"png type 0 bits 4 interlaced tRNS", "OpenCV makes"},
        {"png type 0 bits 8 interlaced tRNS", "OpenCV makes"},
        {"png type 0 bits 16 interlaced tRNS", "OpenCV makes"},
        {"jpg cut in half", "truncated"},
        {"jpg without its end mark", "truncated"},
        {"jpg cmyk", "CMYK"},
        {"tif bits 10", "samples of 10 bits"},
        {"tif bits 12", "samples of 12 bits"},
        {"tif bits 14", "samples of 14 bits"},
        {"tif signed", "sample type"},
        {"tif signed bits 8 rgb", "sample type"},
        {"tif bits 32", "cannot be decoded"},
        {"tif double", "samples of 64 bits"},
        {"tif white is zero", "white-is-zero"},
        {"tif white is zero bits 16", "white-is-zero"},
        {"tif rgba 1", "alpha"},
        {"tif rgba 2", "alpha"},
        {"tif grey alpha", "alpha"},
        {"tif planes", "planes"},
        {"tif three pages", "first page alone"},
        {"ppm maxval 200", "0 to 200"},
        {"pbm", "0 to 1"},
        {"ppm short", "truncated"},
        {"npy", ".npy"}};
    return all;
}

Image by_opencv(const std::string& path) {
    OpenInput input = open_input(path);
    const std::string name = input.source->name();
    const auto rows = open_row_file(input, {}, Codec::opencv);
    return read_document(*rows, name, {}).pages.at(0);
}

/// Written by OpenCV, under the options.
void write_by_opencv(const std::string& path, const Image& picture, const WriteOptions& options) {
    OutputFiles files;
    const ImageDocument document = document_of(picture);
    const OutputFormat& format = output_format(path, document.format);
    files.add_by(opencv_encoder(format, options), path, document, options);
    files.commit();
}

void check_alike(const std::vector<Sample>& samples) {
    const TemporaryFolder folder;
    for (const Sample& sample : samples) {
        CAPTURE(sample.name);
        const std::string path = folder.file("given");
        write_bytes(path, sample.bytes);
        const auto known = exceptions().find(sample.name);
        if (known != exceptions().end()) {
            const std::string said = error_of([&] { by_opencv(path); });
            CAPTURE(said);
            CHECK(said.starts_with(path));
            CHECK(said.find('\n') == std::string::npos);
            CHECK(said.find(known->second) != std::string::npos);
            continue;
        }
        Image rows, opencv;
        CHECK(error_of([&] { rows = read_image(path).pages.at(0); }) == "");
        CHECK(error_of([&] { opencv = by_opencv(path); }) == "");
        if (rows.samples && opencv.samples) CHECK(difference(rows, opencv) == 0);
    }
}

TEST_CASE("codec: PNG decoded by rows and by OpenCV is the same, or refused") {
    check_alike(png_samples());
}

TEST_CASE("codec: JPEG decoded by rows and by OpenCV is the same, or refused") {
    check_alike(jpeg_samples());
}

TEST_CASE("codec: TIFF decoded by rows and by OpenCV is the same, or refused") {
    check_alike(tiff_samples());
}

TEST_CASE("codec: other formats decoded by rows and by OpenCV are the same, or refused") {
    check_alike(other_samples());
}

TEST_CASE("codec: every exception is tried") {
    std::map<std::string, std::string> left = exceptions();
    for (const auto& samples : {png_samples(), jpeg_samples(), tiff_samples(), other_samples()}) {
        for (const Sample& sample : samples) left.erase(sample.name);
    }
    for (const auto& [name, words] : left) FAIL_CHECK(name);
}

TEST_CASE("codec: the sample pictures are the same by rows and by OpenCV") {
    for (const auto& entry :
         std::filesystem::directory_iterator(source_folder() + "/sample_images")) {
        const std::string extension = entry.path().extension();
        if (extension != ".png" && extension != ".jpg") continue;
        CAPTURE(entry.path().string());
        const std::string path = entry.path().string();
        CHECK(difference(read_image(path).pages[0], by_opencv(path)) == 0);
    }
}

TEST_CASE("codec: what OpenCV encodes is read by rows as it was") {
    const TemporaryFolder folder;
    WriteOptions options;
    options.lossless = true;
    struct Case {
        const char* file;
        SampleType type;
        std::int64_t channels;
        bool alpha;
    };
    for (const Case& given :
         {Case{"a.png", SampleType::u8, 3, false}, Case{"b.png", SampleType::u16, 1, false},
          Case{"c.png", SampleType::u8, 4, true}, Case{"a.tif", SampleType::u16, 3, false},
          Case{"b.tif", SampleType::f32, 3, false}, Case{"c.tif", SampleType::f32, 1, false},
          Case{"a.ppm", SampleType::u8, 3, false}, Case{"a.pgm", SampleType::u16, 1, false},
          Case{"a.bmp", SampleType::u8, 3, false}, Case{"a.webp", SampleType::u8, 3, false}}) {
        CAPTURE(given.file);
        const Image picture = sample_picture(given.type, given.channels, 23, 37, given.alpha);
        write_by_opencv(folder.file(given.file), picture, options);
        CHECK(difference(read_image(folder.file(given.file)).pages[0], picture) == 0);
    }
}

TEST_CASE("codec: what OpenCV cannot encode as asked is refused") {
    const TemporaryFolder folder;
    WriteOptions options;
    const auto refusal = [&](const char* file, const Image& picture) {
        const std::string path = folder.file(file);
        const std::string said = error_of([&] { write_by_opencv(path, picture, options); });
        CHECK(said.starts_with(path));
        CHECK(folder.entries() == 0);
        return said;
    };
    const Image floats = sample_picture(SampleType::f32, 3, 5, 7);
    for (const char* file : {"a.exr", "a.hdr", "a.pfm"}) {
        check_contains(refusal(file, floats), "temporary folder");
    }
    check_contains(refusal("a.npy", floats), "does not know");
    check_contains(refusal("a.png", sample_picture(SampleType::u8, 2, 5, 7, true)), "grey");
    check_contains(refusal("a.tif", sample_picture(SampleType::u8, 4, 5, 7, true)), "fourth");
    options.subsampling = "444";
    check_contains(refusal("a.jpg", sample_picture(SampleType::u8, 3, 5, 7)), "--subsampling 444");
    options.tiff_layout = "tiles";
    check_contains(refusal("a.tif", sample_picture(SampleType::u8, 3, 5, 7)), "tiles");
}

TEST_CASE("codec: apply takes the codec that is asked for, in and out") {
    const TemporaryFolder folder;
    const std::string scene = sample("scene.png");
    for (const char* codec : {"auto", "rows", "opencv"}) {
        CAPTURE(codec);
        const std::string out = folder.file(std::string(codec) + ".png");
        REQUIRE(run({"apply", "-q", "--codec", codec, "-k", "sharpen", scene, out}).code == 0);
    }
    const Image rows = read_image(folder.file("rows.png")).pages[0];
    CHECK(read_bytes(folder.file("auto.png")) == read_bytes(folder.file("rows.png")));
    CHECK(difference(read_image(folder.file("opencv.png")).pages[0], rows) == 0);
    CHECK(read_bytes(folder.file("opencv.png")) != read_bytes(folder.file("rows.png")));

    const Run webp =
        run({"apply", "--codec", "rows", "-k", "sharpen", scene, folder.file("a.webp")});
    CHECK(webp.code == 1);
    check_contains(webp.err, "--codec rows");
    const Run word =
        run({"apply", "--codec", "fast", "-k", "sharpen", scene, folder.file("a.png")});
    CHECK(word.code == 2);
    check_contains(word.err, "--codec");
}

}  // namespace
