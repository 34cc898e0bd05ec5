#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>

#include "pipeline/selection.hpp"
#include "support/bands.hpp"
#include "support/command_line.hpp"
#include "support/filtering.hpp"
#include "support/tiff_files.hpp"

using namespace conv;
using namespace conv::test;

namespace {

std::shared_ptr<const Selection> region(std::int64_t x, std::int64_t y, std::int64_t width,
                                        std::int64_t height) {
    return std::make_shared<Selection>(Region{x, y, width, height}, Image());
}

bool inside(std::int64_t x, std::int64_t y) {
    return x >= 5 && x < 14 && y >= 11 && y < 40;
}

}  // namespace

TEST_CASE("region: outside are the input's samples, inside the whole run's") {
    for (const SampleType type : {SampleType::u8, SampleType::u16, SampleType::f32}) {
        for (const bool alpha : {false, true}) {
            const Image page = sample_picture(type, alpha ? 4 : 3, 60, 21, alpha);
            for (const char* method : {"auto", "naive", "fft", "im2col"}) {
                for (const char* channels : {"all", "luma", "0,2"}) {
                    FilterSettings settings = settings_for(page);
                    settings.method = method;
                    settings.channels = parse_channels(channels);
                    const Image whole = filter_picture({box_kernel(7, 5)}, page, settings);
                    settings.selection = region(5, 11, 9, 29);
                    CAPTURE(method);
                    CAPTURE(channels);
                    const Image part = filter_picture({box_kernel(7, 5)}, page, settings);
                    std::int64_t wrong = 0;
                    for (std::int64_t c = 0; c < page.shape.C; ++c)
                        for (std::int64_t y = 0; y < 60; ++y)
                            for (std::int64_t x = 0; x < 21; ++x) {
                                const double wanted =
                                    sample_at(inside(x, y) ? whole : page, c, y, x);
                                wrong += sample_at(part, c, y, x) == wanted ? 0 : 1;
                            }
                    CHECK(wrong == 0);
                    check_bands({box_kernel(7, 5)}, page, settings);
                    check_bands({box_kernel(7, 5)}, planar_copy(page), settings);
                }
            }
        }
    }
}

TEST_CASE("region: strips and tiles outside of it leave as they came") {
    const TemporaryFolder folder;
    for (const int compression : {1, 5, 8}) {
        for (const std::uint32_t tile : {0U, 16U}) {
            for (const bool planes : {false, true}) {
                TiffSpec spec;
                spec.width = 90;
                spec.height = 120;
                spec.channels = 3;
                spec.photometric = 2;
                spec.bits = compression == 5 ? 16 : 8;
                spec.compression = compression;
                spec.predictor = compression == 1 ? 1 : 2;
                spec.tile = tile;
                spec.separate_planes = planes;
                spec.mode = compression == 5 ? "wb" : "w";
                const std::string in = folder.file("in.tif"), out = folder.file("out.tif");
                write_with_libtiff(in, spec, 2);
                CAPTURE(compression);
                CAPTURE(tile);
                const Run done = apply(
                    {"-k", "gaussian:sigma=2", "--region", "30,40,25,31", "-v", "--threads", "2"},
                    in, out);
                REQUIRE(done.code == 0);
                check_contains(done.err, "are copied as they are encoded");
                REQUIRE(apply({"-k", "gaussian:sigma=2"}, in, folder.file("whole.tif")).code == 0);
                for (std::size_t page = 0; page < 2; ++page) {
                    const Image before = read_image(in).pages[page],
                                after = read_image(out).pages[page],
                                whole = read_image(folder.file("whole.tif")).pages[page];
                    std::int64_t wrong = 0;
                    for (std::int64_t c = 0; c < 3; ++c)
                        for (std::int64_t y = 0; y < 120; ++y)
                            for (std::int64_t x = 0; x < 90; ++x) {
                                const bool in_region = x >= 30 && x < 55 && y >= 40 && y < 71;
                                wrong += sample_at(after, c, y, x) !=
                                         sample_at(in_region ? whole : before, c, y, x);
                            }
                    CHECK(wrong == 0);
                }
            }
        }
    }
}

TEST_CASE("region: parts that are joined keep the strips and tiles that one run keeps") {
    const TemporaryFolder folder;
    for (const std::uint32_t tile : {0U, 16U}) {
        TiffSpec spec;
        spec.width = 70;
        spec.height = 150;
        spec.compression = 8;
        spec.tile = tile;
        const std::string in = folder.file("in.tif"), out = folder.file("out.tif");
        write_with_libtiff(in, spec, 2);
        const std::vector<std::string> options = {"-k", "gaussian:sigma=1", "--region",
                                                  "20,64,9,11"};
        REQUIRE(apply(options, in, folder.file("one.tif")).code == 0);
        for (const char* shard : {"3/4", "1/4", "4/4", "2/4"}) {
            std::vector<std::string> part = options;
            part.insert(part.end(), {"--shard", shard});
            const Run made = apply(part, in, out);
            CAPTURE(made.err);
            REQUIRE(made.code == 0);
        }
        REQUIRE(run({"join", out}).code == 0);
        CHECK((read_bytes(out) == read_bytes(folder.file("one.tif"))));
        std::filesystem::remove(out);
    }
}

TEST_CASE("region: values that are lost are counted inside of it alone") {
    const TemporaryFolder folder;
    Image page = Image::interleaved(SampleType::u8, 1, 40, 40);
    for (std::int64_t i = 0; i < 40 * 40; ++i) page.data<std::uint8_t>()[i] = 200;
    write_image(folder.file("in.png"), document_of(page));
    for (const char* method : {"auto", "naive", "igemm", "direct"}) {
        const Run done = apply(
            {"-k", "identity", "--scale", "2", "--region", "3,4,5,6", "--method", method, "--json"},
            folder.file("in.png"), folder.file("out.png"));
        REQUIRE(done.code == 0);
        CAPTURE(method);
        CHECK(json_of(done)["values"] == 30);
        CHECK(json_of(done)["lost"]["above"] == 30);
    }
    Image floats = Image::interleaved(SampleType::f32, 1, 8, 8);
    for (std::int64_t i = 0; i < 64; ++i) floats.data<float>()[i] = -5;
    write_image(folder.file("in.tif"), document_of(floats, "tiff"));
    const Run done = apply({"-k", "identity", "--region", "3,4,2,2", "--depth", "u8", "--json"},
                           folder.file("in.tif"), folder.file("out.tif"));
    REQUIRE(done.code == 0);
    CHECK(json_of(done)["lost"]["below"] == 4);
}

TEST_CASE("region: what cannot be copied as it is encoded is decoded and encoded") {
    const TemporaryFolder folder;
    TiffSpec spec;
    spec.photometric = 0;  // white is zero
    write_with_libtiff(folder.file("in.tif"), spec);
    for (const auto& more : {std::vector<std::string>{}, {"--tiff-compression", "deflate"}}) {
        std::vector<std::string> options = {"-k", "box", "--region", "3,4,9,8", "-v"};
        options.insert(options.end(), more.begin(), more.end());
        const Run done = apply(options, folder.file("in.tif"), folder.file("out.tif"));
        REQUIRE(done.code == 0);
        CHECK(done.err.find("are copied") == std::string::npos);
        const Image before = first_page(folder.file("in.tif")),
                    after = first_page(folder.file("out.tif"));
        CHECK(sample_at(after, 0, 20, 20) == sample_at(before, 0, 20, 20));
        spec.photometric = 1;
        write_with_libtiff(folder.file("in.tif"), spec);
    }
}

TEST_CASE("mask: results are blended within half a level") {
    const Image page = sample_picture(SampleType::u8, 3, 40, 30);
    Image mask = Image::interleaved(SampleType::u8, 1, 40, 30);
    for (std::int64_t y = 0; y < 40; ++y)
        for (std::int64_t x = 0; x < 30; ++x)
            set_sample(mask, 0, y, x, static_cast<double>((x * 9 + y * 31) % 256));
    FilterSettings settings = settings_for(page);
    settings.depth = SampleType::f32;
    const Image exact = filter_picture({uneven_kernel({5, 5})}, page, settings);
    settings.depth = SampleType::u8;
    settings.selection = std::make_shared<Selection>(std::nullopt, mask);
    const Image blended = filter_picture({uneven_kernel({5, 5})}, page, settings);
    for (std::int64_t c = 0; c < 3; ++c) {
        for (std::int64_t y = 0; y < 40; ++y) {
            for (std::int64_t x = 0; x < 30; ++x) {
                const double m = sample_at(mask, 0, y, x) / 255, before = sample_at(page, c, y, x);
                const double wanted =
                    std::clamp(before + m * (sample_at(exact, c, y, x) - before), 0.0, 255.0);
                CHECK(std::abs(sample_at(blended, c, y, x) - wanted) <= 0.5 + 1e-3);
                if (m == 0) CHECK(sample_at(blended, c, y, x) == before);
            }
        }
    }
    check_bands({uneven_kernel({5, 5})}, page, settings);
}

TEST_CASE("region, mask: from the command line, with a chain, and refused where they cannot be") {
    const TemporaryFolder folder;
    const std::string whole = folder.file("whole.png"), part = folder.file("part.png");
    const std::vector<std::string> chain = {"-k", "box:size=5", "--then", "sharpen"};
    REQUIRE(apply(chain, sample("scene.png"), whole).code == 0);
    std::vector<std::string> options = chain;
    options.insert(options.end(), {"--region", "10,20,30,40"});
    REQUIRE(apply(options, sample("scene.png"), part).code == 0);
    const Image page = first_page(sample("scene.png")), all = first_page(whole),
                some = first_page(part);
    for (std::int64_t y = 0; y < page.shape.H; ++y)
        for (std::int64_t x = 0; x < page.shape.W; ++x) {
            const bool in = x >= 10 && x < 40 && y >= 20 && y < 60;
            REQUIRE(sample_at(some, 1, y, x) == sample_at(in ? all : page, 1, y, x));
        }
    const auto error = [&](std::vector<std::string> given) {
        given.insert(given.begin(), {"-k", "box"});
        const Run refused = apply(given, sample("scene.png"), part);
        CHECK(refused.code == 2);
        CHECK(is_one_error_line(refused.err));
        return refused.err;
    };
    check_contains(error({"--region", "1,2,3"}), "X,Y,W,H");
    check_contains(error({"--region", "1,2,3,100000"}), "leaves the picture");
    check_contains(error({"--region", "1,2,3,4", "--stride", "2"}), "stride 1");
    check_contains(error({"--region", "1,2,3,4", "--padding", "valid"}), "--padding same");
    check_contains(error({"--mask", sample("cells.png")}), "give a mask of that size");
    check_contains(error({"--mask", sample("scene.png")}), "a mask is a grey picture");
    check_contains(error({"--region", "1,2,3,4", "--range", "rescale"}), "--range clamp");
}
