#include <doctest/doctest.h>

#include <numeric>

#include "files/row_document.hpp"
#include "filtering/filter_file.hpp"
#include "support/command_line.hpp"
#include "support/filtering.hpp"
#include "support/picture_files.hpp"
#include "support/tiff_files.hpp"

using namespace conv;
using namespace conv::test;

namespace {

/// The bytes of every output of one filtering, whole or in bands.
std::vector<std::string> output_bytes(const FilterOptions& options, const std::string& input,
                                      const std::string& output,
                                      std::optional<std::int64_t> band_rows) {
    FilterJob job(options, {});
    if (band_rows)
        job.set_band_rows(*band_rows);
    else
        job.set_whole_pictures(true);
    const FileReport report = filter_file({input, output}, job);
    std::vector<std::string> bytes;
    for (const std::string& path : report.outputs) {
        bytes.push_back(read_bytes(path));
        std::filesystem::remove(path);
    }
    return bytes;
}

void check_files(const FilterOptions& options, const std::string& input,
                 const std::string& output) {
    CAPTURE(input);
    CAPTURE(output);
    const auto whole = output_bytes(options, input, output, std::nullopt);
    REQUIRE(!whole.empty());
    for (const std::int64_t band_rows : {1, 7, 64}) {
        CAPTURE(band_rows);
        CHECK(output_bytes(options, input, output, band_rows) == whole);
    }
}

FilterOptions options_of(std::vector<std::string> kernels) {
    FilterOptions options;
    options.kernels = std::move(kernels);
    return options;
}

std::string pnm(const std::string& header, std::size_t bytes) {
    std::string text = header;
    for (std::size_t i = 0; i < bytes; ++i) text += static_cast<char>(i * 37 + i / 11);
    return text;
}

/// A picture of every row format.
std::vector<std::string> inputs(const TemporaryFolder& folder) {
    write_bytes(folder.file("grey.pgm"), pnm("P5\n17 130\n255\n", 17 * 130));
    write_bytes(folder.file("wide.pgm"), pnm("P5\n17 130\n65535\n", 17 * 130 * 2));
    write_bytes(folder.file("small.pgm"), pnm("P5 17 130 63\n", 17 * 130));
    write_bytes(folder.file("rgb.ppm"), pnm("P6\n17 130\n255\n", 17 * 130 * 3));
    write_bytes(folder.file("bits.pbm"), pnm("P4\n17 130\n", 3 * 130));
    write_bytes(folder.file("alpha.pam"),
                pnm("P7\nWIDTH 17\nHEIGHT 130\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n",
                    17 * 130 * 4));
    ImageDocument array = document_of(planar_copy(sample_picture(SampleType::u16, 3, 130, 17)));
    array.array_rank = 3;
    write_image(folder.file("planes.npy"), array);
    array.pages.push_back(array.pages[0]);
    array.array_rank = 4;
    write_image(folder.file("pages.npy"), array);
    return {"grey.pgm", "wide.pgm", "small.pgm", "rgb.ppm", "bits.pbm", "planes.npy", "pages.npy"};
}

}  // namespace

TEST_CASE("row files: bands write the files of the whole picture, from any row format to any") {
    const TemporaryFolder folder;
    for (const std::string& input : inputs(folder)) {
        FilterOptions options = options_of({"sharpen"});
        const bool stack = input == "pages.npy";
        check_files(options, folder.file(input), folder.file("out.npy"));
        options.depth = "f32";
        options.channels = "gray";
        check_files(options, folder.file(input), folder.file(stack ? "o{page}.pfm" : "out.pfm"));
        options.depth = "u8";
        options.range = "rescale";
        options.border = "wrap";
        check_files(options, folder.file(input), folder.file(stack ? "o{page}.pgm" : "out.pgm"));
    }
}

TEST_CASE("row files: bands write the files of the whole picture, with banks, alpha and strides") {
    const TemporaryFolder folder;
    inputs(folder);
    FilterOptions options = options_of({"sobel", "gaussian:sigma=2"});
    check_files(options, folder.file("rgb.ppm"), folder.file("out{k}.ppm"));
    check_files(options, folder.file("pages.npy"), folder.file("out{page}-{k}.npy"));
    check_files(options, folder.file("rgb.ppm"), folder.file("out.npy"));
    check_files(options, folder.file("grey.pgm"), folder.file("out.npy"));
    options.combine = "l2";
    options.stride = "2,3";
    options.padding = "full";
    check_files(options, folder.file("rgb.ppm"), folder.file("out.ppm"));
    for (const char* alpha : {"weighted", "straight", "copy"}) {
        options = options_of({"box:size=5"});
        options.alpha = alpha;
        check_files(options, folder.file("alpha.pam"), folder.file("out.npy"));
    }
    options.alpha = "drop";
    check_files(options, folder.file("alpha.pam"), folder.file("out.ppm"));
}

TEST_CASE("row files: a PNM keeps its maxval, and identity every value") {
    const TemporaryFolder folder;
    for (const std::uint32_t maximum :
         {1U,   2U,   3U,   5U,    7U,    15U,   63U,    100U,   127U,   128U,   200U,   254U,
          255U, 256U, 257U, 1000U, 1023U, 4095U, 10000U, 32767U, 32768U, 65533U, 65534U, 65535U}) {
        CAPTURE(maximum);
        std::string bytes = fmt::format("P5\n{} 1\n{}\n", maximum + 1, maximum);
        for (std::uint32_t value = 0; value <= maximum; ++value) {
            bytes += big(value, maximum > 255 ? 2 : 1);
        }
        write_bytes(folder.file("in.pgm"), bytes);
        CHECK(apply({"-k", "identity"}, folder.file("in.pgm"), folder.file("out.pgm")).code == 0);
        CHECK(read_bytes(folder.file("out.pgm")) == bytes);
    }
}

TEST_CASE("row files: another depth does not keep the maxval") {
    const TemporaryFolder folder;
    write_bytes(folder.file("in.pgm"), "P5\n2 1\n63\n" + big(63, 1) + big(0, 1));
    CHECK(apply({"-k", "identity", "--depth", "u16"}, folder.file("in.pgm"), folder.file("out.pgm"))
              .code == 0);
    CHECK(read_bytes(folder.file("out.pgm")) == "P5\n2 1\n65535\n" + big(65535, 2) + big(0, 2));
}

TEST_CASE("row files: a PNM of several pictures is refused by name") {
    const TemporaryFolder folder;
    const std::string one = pnm("P5\n4 4\n255\n", 16);
    write_bytes(folder.file("in.pgm"), one + one);
    const Run result = apply({"-k", "identity"}, folder.file("in.pgm"), folder.file("out.pgm"));
    CHECK(result.code == 1);
    CHECK(is_one_error_line(result.err));
    check_contains(result.err, "more than one picture");
    CHECK(folder.entries() == 1);
}

TEST_CASE("row files: apply says what it measured, the size and the pages") {
    const TemporaryFolder folder;
    inputs(folder);
    const Run result =
        run({"apply", "--json", "-k", "sharpen", folder.file("pages.npy"), folder.file("out.npy")});
    REQUIRE(result.code == 0);
    const nlohmann::json json = json_of(result);
    CHECK(json["schema"] == "conv-cli/apply/1");
    CHECK(json["width"] == 17);
    CHECK(json["height"] == 130);
    CHECK(json["channels"] == 3);
    CHECK(json["pages"] == 2);
    for (const char* step : {"read", "filter", "write", "wall"}) {
        CHECK(json["seconds"][step] > 0.0);
        CHECK(json["seconds"][step] <= json["seconds"]["wall"]);
    }
    const Run verbose =
        run({"apply", "-v", "-k", "sharpen", folder.file("rgb.ppm"), folder.file("out.ppm")});
    check_contains(verbose.err, "time: read ");
}

TEST_CASE("row files: every row format, border, method, stride and alpha rule goes in bands") {
    const TemporaryFolder folder;
    std::vector<std::pair<std::string, std::string>> files = {{"rgb.ppm", "out.ppm"},
                                                              {"planes.npy", "out.npy"}};
    inputs(folder);
    write_bytes(folder.file("a.png"), png_by_libpng({.colour_type = 6, .width = 17, .height = 90}));
    files.emplace_back("a.png", "out.png");
    write_bytes(folder.file("a.jpg"), jpeg_by_libjpeg({.horizontal = 2, .vertical = 2}));
    files.emplace_back("a.jpg", "out.jpg");
    for (const TiffSpec& spec :
         {TiffSpec{.name = "strips.tif", .channels = 3, .compression = 5, .photometric = 2},
          TiffSpec{.name = "tiles.tif",
          .channels = 4,
          .bits = 16,
          .compression = 8,
          .predictor = 2,
          .photometric = 2,
          .tile = 16,
          .extra_samples = {2}},
          TiffSpec{.name = "big.tif", .bits = 32, .format = 3, .tile = 32, .mode = "w8b"}}) {
        write_with_libtiff(folder.file(spec.name), spec);
        files.emplace_back(spec.name, "out.tif");
    }
    const std::vector<std::string> methods = {"auto",  "naive",     "gemm",     "direct",
                                              "igemm", "separable", "winograd", "fft"};
    const std::vector<std::string> alphas = {"", "straight", "copy", "weighted"};
    // Counters of different periods, so that each value meets each of the others.
    std::size_t turn = 0, taken = 0;
    for (const auto& [input, output] : files) {
        for (const char* border : {"constant:7", "replicate", "reflect", "reflect101", "wrap"}) {
            for (const char* stride : {"1", "2"}) {
                for (std::size_t i = 0; i < 2; ++i, ++turn) {
                    FilterOptions options =
                        options_of({turn % 3 == 0 ? "sharpen" : "gaussian:sigma=1"});
                    options.border = border;
                    options.stride = stride;
                    options.method = methods[turn % methods.size()];
                    options.alpha = alphas[turn / methods.size() % alphas.size()];
                    if (options.alpha == "weighted" && turn % 3 == 0) options.alpha = "";
                    CAPTURE(options.method);
                    CAPTURE(border);
                    CAPTURE(stride);
                    CAPTURE(options.alpha);
                    try {
                        check_files(options, folder.file(input), folder.file(output));
                        ++taken;
                    } catch (const Error& error) {
                        // A method that does not take the problem says so of itself.
                        CHECK(error.kind() == ErrorKind::usage);
                        check_contains(error.what(), options.method);
                    }
                }
            }
        }
    }
    CHECK(taken > turn / 2);
}

TEST_CASE("row files: PNG and JPEG in bands are the files of the whole picture") {
    const TemporaryFolder folder;
    const FilterOptions options = options_of({"gaussian:sigma=1"});
    check_files(options, sample("scene.png"), folder.file("out.png"));
    check_files(options, sample("scene.png"), folder.file("out.jpg"));
    std::filesystem::copy_file(sample("scene.png"), folder.file("scene.png"));
    REQUIRE(apply({"-k", "identity"}, folder.file("scene.png"), folder.file("in.jpg")).code == 0);
    check_files(options, folder.file("in.jpg"), folder.file("out.ppm"));
}
