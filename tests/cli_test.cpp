#include <doctest/doctest.h>

#include "cpu/cpu_device.hpp"
#include "support/command_line.hpp"
#include "support/filtering.hpp"

using namespace conv;
using namespace conv::test;

TEST_CASE("cli: apply keeps depth, channels and alpha of every kind of picture") {
    const TemporaryFolder folder;
    struct Case {
        const char *input, *output;
    };
    for (const auto& c : {Case{"scene.png", "a.png"},
                          {"scene.png", "a.tif"},
                          {"scene.png", "a.ppm"},
                          {"scene.png", "a.bmp"},
                          {"scene16.png", "b.png"},
                          {"scene16.png", "b.tif"},
                          {"cells.png", "c.png"},
                          {"cells.png", "c.pgm"},
                          {"logo.png", "d.png"},
                          {"logo.png", "d.tif"},
                          {"hdr.tif", "e.tif"},
                          {"hdr.tif", "e.pfm"},
                          {"channels16.npy", "f.npy"}}) {
        const std::string input = c.input, output = c.output;
        CAPTURE(input);
        CAPTURE(output);
        const Run result =
            apply({"-k", "identity", "--alpha", "straight"}, sample(input), folder.file(output));
        CHECK(result.code == 0);
        CHECK(result.out.empty());
        CHECK(result.err.empty());
        CHECK(difference(first_page(folder.file(output)), first_page(sample(input))) == 0);
    }
}

TEST_CASE("cli: apply writes what the pipeline computes") {
    const TemporaryFolder folder;
    const Image page = first_page(sample("scene.png"));
    CHECK(apply({"-k", "0 -1 0; -1 5 -1; 0 -1 0", "--border", "wrap", "-q"}, sample("scene.png"),
                folder.file("sharp.png"))
              .code == 0);
    FilterSettings settings = settings_for(page);
    settings.border.mode = BorderMode::wrap;
    const Kernel kernel = make_kernel({3, 3}, {0, -1, 0, -1, 5, -1, 0, -1, 0});
    CHECK(difference(first_page(folder.file("sharp.png")),
                     filter_picture({kernel}, page, settings)) == 0);
}

TEST_CASE("cli: naive, im2col and gemm are forced by name and write the same 8-bit picture") {
    const TemporaryFolder folder;
    const Image oracle = [&] {
        apply({"-k", "gaussian:sigma=2", "--method", "naive"}, sample("cells.png"),
              folder.file("naive.png"));
        return first_page(folder.file("naive.png"));
    }();
    for (const std::string method : {"naive", "im2col", "gemm", "direct", "separable"}) {
        const Run result = apply({"-k", "gaussian:sigma=2", "--method", method, "--json"},
                                 sample("cells.png"), folder.file(method + ".png"));
        CAPTURE(method);
        CHECK(json_of(result).at("method") == method);
        CHECK(difference(first_page(folder.file(method + ".png")), oracle) <= 1);
    }
}

TEST_CASE("cli: -v names the decisions on stderr, one a line") {
    const TemporaryFolder folder;
    const Run result = apply({"-k", "sobel", "-v"}, sample("logo.png"), folder.file("a.png"));
    CHECK(result.code == 0);
    CHECK(result.out.empty());
    for (const char* fragment :
         {"input: png, 256 x 256, 4 channels with alpha, u8\n", "kernel sobel: builtin, 3 x 3\n",
          "alpha: copy (the default here)\n",
          "padding: same, top 1, bottom 1, left 1, right 1; border reflect101\n",
          "method: ", "problem: n3c1h256w256_k1r3s3_p1_breflect101, ", "OpenBLAS core ",
          "range: clamp, depth u8, "}) {
        check_contains(result.err, fragment);
    }
}

TEST_CASE("cli: a kernel that sums to one clips as usual, and -v alone says so") {
    const TemporaryFolder folder;
    const std::vector<std::string> sharpen = {"-k", "sharpen:amount=20"};
    CHECK(apply(sharpen, sample("scene.png"), folder.file("a.png")).err.empty());
    const Run verbose =
        apply({"-k", "sharpen:amount=20", "-v"}, sample("scene.png"), folder.file("a.png"));
    check_contains(verbose.err, " above the range, of ");
}

TEST_CASE("cli: options without effect are named, each in one line") {
    const TemporaryFolder folder;
    const std::string png = folder.file("a.png");
    for (const auto& c : {std::tuple{"--quality", "50", "JPEG and WebP outputs"},
                          {"--subsampling", "420", "JPEG outputs"},
                          {"--tiff-compression", "zstd", "TIFF outputs"},
                          {"--layout", "hwc", ".npy files"}}) {
        const std::string option = std::get<0>(c), value = std::get<1>(c), of = std::get<2>(c);
        CAPTURE(option);
        const Run result = apply({"-k", "identity", option, value}, sample("scene.png"), png);
        CHECK(result.code == 0);
        CHECK(result.err == std::string("conv-cli: note: ") + option +
                                " has no effect here, it is for " + of + "\n");
    }
    check_contains(apply({"-k", "box", "--depth", "f32", "--range", "abs"}, sample("scene.png"),
                         folder.file("a.tif"))
                       .err,
                   "--range has no effect here, it is for integer depths");
    CHECK(apply({"-k", "box", "--quality", "50"}, sample("scene.png"), folder.file("a.jpg"))
              .err.empty());
}

TEST_CASE("cli: wrong usage of outputs and methods is exit code 2") {
    const TemporaryFolder folder;
    const std::string png = folder.file("a.png");
    for (const auto& c :
         {std::tuple{std::vector<std::string>{"-k", "box"}, std::string("a.gif"),
                     "'.gif' cannot be written"},
          {{"-k", "box"}, "a", "has no extension"},
          {{"-k", "box"}, "no-such-folder/", "create it first"},
          {{"-k", "box", "--depth", "f32"}, png, "do not fit png"},
          {{"-k", "box", "-k", "box"}, png, "put {k} in the output's name"},
          {{"-k", "box", "--method", "winograd", "--stride", "2"}, png, "use --method auto"},
          {{"-k", "box", "-v", "-q"}, png, "--verbose excludes --quiet"}}) {
        const auto& arguments = std::get<0>(c);
        const std::string output = std::get<1>(c), words = std::get<2>(c);
        CAPTURE(output);
        const Run result = apply(arguments, sample("scene.png"), output);
        CHECK(result.code == 2);
        check_contains(result.err, words);
    }
}

TEST_CASE("cli: an OUTPUT that is a folder gets a file of the input's name") {
    const TemporaryFolder folder;
    CHECK(apply({"-k", "box"}, sample("cells.png"), folder.file("")).code == 0);
    CHECK(std::filesystem::exists(folder.file("cells.png")));
    const Run own = apply({"-k", "box"}, folder.file("cells.png"), folder.file(""));
    CHECK(own.code == 2);
    check_contains(own.err, "is the folder of INPUT");
}

TEST_CASE("cli: one line on stderr tells of lost values, unless -q") {
    const TemporaryFolder folder;
    const Run told = apply({"-k", "sobel"}, sample("cells.png"), folder.file("a.png"));
    CHECK(told.code == 0);
    check_contains(told.err, "of the values were lost to clamping");
    check_contains(told.err, folder.file("a.png") + ": ");
    check_contains(told.err, "--range abs or rescale\n");  // PNG holds no floats
    check_contains(apply({"-k", "sobel"}, sample("cells.png"), folder.file("a.tif")).err,
                   "--range abs or rescale, or --depth f32\n");
    check_contains(apply({"-k", "2"}, sample("scene.png"), folder.file("a.png")).err,
                   "use --normalize sum or --range rescale\n");
    CHECK(told.err.find('\n') + 1 == told.err.size());
    CHECK(apply({"-k", "sobel", "-q"}, sample("cells.png"), folder.file("a.png")).err.empty());
    CHECK(apply({"-k", "sobel", "--range", "rescale"}, sample("cells.png"), folder.file("a.png"))
              .err.empty());
    CHECK(apply({"-k", "sobel", "--depth", "f32"}, sample("cells.png"), folder.file("a.tif"))
              .err.empty());
}

TEST_CASE("cli: --json is one document with everything that was decided") {
    const TemporaryFolder folder;
    const Run result = apply({"-k", "sobel", "--range", "rescale", "--threads", "2", "--json"},
                             sample("logo.png"), folder.file("a.png"));
    CHECK(result.code == 0);
    const nlohmann::json json = json_of(result);
    CHECK(json.at("input") == sample("logo.png"));
    CHECK(json.at("outputs") == nlohmann::json::array({folder.file("a.png")}));
    CHECK(json.at("problem") == "n3c1h256w256_k1r3s3_p1_breflect101");
    CHECK(json.at("alpha") == "copy");
    CHECK(json.at("range") == "rescale");
    CHECK(json.at("depth") == "u8");
    CHECK(json.at("values") == 3 * 256 * 256);
    CHECK(json.at("lost") == nlohmann::json({{"below", 0}, {"above", 0}}));
    CHECK(json.at("rescaled_from").size() == 2);
    CHECK(json.at("candidates").size() == cpu_device().methods.size());
    CHECK(json.at("threads").get<int>() <= 2);
}

TEST_CASE("cli: the same bytes for any number of threads") {
    const TemporaryFolder folder;
    for (const char* threads : {"1", "2", "5"}) {
        apply({"-k", "gaussian:sigma=3", "--threads", threads, "--depth", "f32"},
              sample("scene.png"), folder.file(std::string(threads) + ".tif"));
    }
    CHECK(read_bytes(folder.file("1.tif")) == read_bytes(folder.file("2.tif")));
    CHECK(read_bytes(folder.file("1.tif")) == read_bytes(folder.file("5.tif")));
}

TEST_CASE("cli: an inline kernel may start with a minus sign") {
    const TemporaryFolder folder;
    for (const auto& options : {std::vector<std::string>{"-k", "-1 0 1"},
                                {"--kernel", "-1 0 1"},
                                {"--kernel=-1 0 1"},
                                {"-k", "-1,0,1"}}) {
        std::vector<std::string> all = options;
        all.insert(all.end(), {"--depth", "f32"});
        const Run result = apply(all, sample("cells.png"), folder.file("a.tif"));
        CHECK(result.err.empty());
        REQUIRE(result.code == 0);
        const Image page = first_page(sample("cells.png"));
        CHECK(sample_at(first_page(folder.file("a.tif")), 0, 100, 100) ==
              sample_at(page, 0, 100, 101) - sample_at(page, 0, 100, 99));
    }
}
