#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <random>

#include "cpu/tile/builtin_profile.hpp"
#include "machine/cache_directory.hpp"
#include "machine/profile_file.hpp"
#include "shards/part_file.hpp"
#include "support/command_line.hpp"
#include "support/filtering.hpp"

using namespace conv;
using namespace conv::test;

namespace fs = std::filesystem;

namespace {

using Options = std::vector<std::string>;

/// One picture in a folder, and what becomes of it in one run and in parts.
class Cut {
public:
    Cut(const std::string& input, ImageDocument document) : input_(folder.file(input)) {
        write_image(input_, std::move(document));
    }
    std::string path(const std::string& name) const { return folder.file(name); }
    Run part(Options options, const std::string& output, const std::string& shard) const {
        options.insert(options.end(), {"-q", "--shard", shard});
        return apply(options, input_, output.ends_with(":-") ? output : path(output));
    }
    /// Makes `count` parts, joins them, and checks that they are the single run's file.
    void check(const Options& options, const std::string& output, int count) const {
        CAPTURE(count);
        Options single = options;
        single.push_back("-q");
        const Run whole = apply(single, input_, path("single-" + output));
        CAPTURE(whole.err);
        REQUIRE(whole.code == 0);
        for (int i = 1; i <= count; ++i) {
            Options varied = options;
            varied.insert(varied.end(), {"--threads", std::to_string(1 + i % 3)});
            if (i % 2 == 0) varied.insert(varied.end(), {"--max-memory", "4G"});
            const Run made = part(varied, output, std::to_string(i) + "/" + std::to_string(count));
            CAPTURE(made.err);
            REQUIRE(made.code == 0);
        }
        const Run joined = run({"join", "-q", path(output)});
        CAPTURE(joined.err);
        REQUIRE(joined.code == 0);
        CHECK((read_bytes(path(output)) == read_bytes(path("single-" + output))));
        CHECK(folder.entries() == 3);  // input, output, single
        fs::remove(path(output));
        fs::remove(path("single-" + output));
    }

    TemporaryFolder folder;

private:
    std::string input_;
};

ImageDocument planar_array(std::int64_t channels, std::int64_t height, std::int64_t width) {
    ImageDocument document =
        document_of(planar_copy(sample_picture(SampleType::u8, channels, height, width)), "npy");
    document.array_rank = 3;
    return document;
}

}  // namespace

TEST_CASE("picture shards: parts joined are the single run's bytes, for every border") {
    const Cut cut("in.ppm", document_of(sample_picture(SampleType::u8, 3, 67, 31), "pnm"));
    for (const char* border : {"constant:9", "replicate", "reflect", "reflect101", "wrap"}) {
        CAPTURE(std::string(border));
        cut.check({"-k", "gaussian:sigma=2", "--border", border}, "out.ppm", 3);
    }
}

TEST_CASE("picture shards: and for every method, stride, padding and number of parts") {
    const Cut cut("in.ppm", document_of(sample_picture(SampleType::u8, 3, 67, 31), "pnm"));
    for (const char* method : {"naive", "gemm", "direct", "separable"}) {
        CAPTURE(std::string(method));
        cut.check({"-k", "gaussian:sigma=2", "--method", method}, "out.ppm", 2);
    }
    for (const char* method : {"im2col", "winograd", "igemm", "fft"}) {
        CAPTURE(std::string(method));
        cut.check({"-k", "sharpen", "--method", method}, "out.ppm", 3);
    }
    cut.check({"-k", "box:size=5", "--stride", "3,2", "--padding", "valid"}, "out.ppm", 2);
    cut.check({"-k", "box:size=5", "--padding", "full", "--border", "wrap"}, "out.ppm", 4);
    for (const int count : {1, 2, 5, 70}) cut.check({"-k", "sharpen"}, "out.ppm", count);
}

TEST_CASE("picture shards: planes, 16 bits and floats are put in their places") {
    const Cut array("in.npy", planar_array(5, 33, 17));
    array.check({"-k", "box:size=3"}, "out.npy", 3);
    const Cut deep("in.pgm", document_of(sample_picture(SampleType::u16, 1, 41, 9), "pnm"));
    deep.check({"-k", "box:size=3"}, "out.pgm", 3);
    deep.check({"-k", "box:size=3", "--depth", "f32"}, "out.pfm", 3);
    deep.check({"-k", "sobel", "-k", "box", "--combine", "l2", "--depth", "f32"}, "out.npy", 3);
}

TEST_CASE("picture shards: parts of machines with other profiles and memory limits fit together") {
    const Cut cut("in.ppm", document_of(sample_picture(SampleType::u8, 3, 90, 70), "pnm"));
    const Options options = {"-q", "-k", "gaussian:sigma=2", "--depth", "f32"};
    const std::string output = cut.path("out.pfm");
    REQUIRE(apply(options, cut.path("in.ppm"), cut.path("single.pfm")).code == 0);
    const std::string before = std::getenv("XDG_CACHE_HOME");
    for (int i = 1; i <= 4; ++i) {
        // Every other machine is slow at what the method of the single run does.
        MachineProfile profile = builtin_profile();
        if (i % 2 == 1) {
            for (const Step step : {Step::pass_vector, Step::pass_sample, Step::pass_middle})
                profile[step] *= 1000;
        }
        setenv("XDG_CACHE_HOME", cut.path("cache").c_str(), 1);
        store_profile(profile_path(cache_directory(), this_machine()), this_machine(), profile);
        const std::string limit = i % 2 == 0 ? "2G" : "4G";
        Options varied = options;
        varied.insert(varied.end(), {"--max-memory", limit, "--shard", std::to_string(i) + "/4"});
        const Run made = apply(varied, cut.path("in.ppm"), output);
        const Run alone = apply({"-v", "-k", "gaussian:sigma=2", "--depth", "f32"},
                                cut.path("in.ppm"), cut.path("alone.pfm"));
        setenv("XDG_CACHE_HOME", before.c_str(), 1);
        CAPTURE(made.err);
        CHECK(made.code == 0);
        CAPTURE(alone.err);
        CHECK((alone.err.find("method: separable") == std::string::npos) == (i % 2 == 1));
    }
    const Run joined = run({"join", "-q", output});
    CAPTURE(joined.err);
    REQUIRE(joined.code == 0);
    CHECK((read_bytes(output) == read_bytes(cut.path("single.pfm"))));
}

TEST_CASE("picture shards: TIFF strips and tiles of every compression, and of all pages") {
    const ImageDocument one = document_of(sample_picture(SampleType::u8, 3, 400, 300), "tiff");
    const Cut strips("in.tif", one);
    for (const int count : {2, 5, 9}) strips.check({"-k", "sharpen"}, "out.tif", count);
    for (const char* compression : {"none", "deflate", "zstd"}) {
        CAPTURE(std::string(compression));
        strips.check({"-k", "sharpen", "--tiff-compression", compression}, "out.tif", 3);
        strips.check({"-k", "gaussian:sigma=9", "--method", "fft", "--tiff-layout", "tiles",
                      "--tiff-compression", compression},
                     "out.tif", 2);
    }
    strips.check({"-k", "box:size=5", "--stride", "2,3", "--border", "wrap"}, "out.tif", 2);
    strips.check({"-k", "box:size=5"}, "out.ppm", 3);
    const Cut floats("in.tif", document_of(sample_picture(SampleType::f32, 2, 300, 90), "tiff"));
    floats.check({"-k", "gaussian:sigma=2"}, "out.tif", 3);
    ImageDocument stack = document_of(sample_picture(SampleType::u16, 1, 300, 200), "tiff");
    stack.pages.push_back(sample_picture(SampleType::u16, 1, 90, 500));
    stack.pages.push_back(sample_picture(SampleType::u16, 1, 7, 3));
    const Cut pages("in.tif", stack);
    for (const int count : {1, 2, 4}) pages.check({"-k", "box:size=3"}, "out.tif", count);
}

TEST_CASE("picture shards: BigTIFF, separate planes and big-endian files stay what they are") {
    ImageDocument document = document_of(sample_picture(SampleType::u16, 3, 260, 200), "tiff");
    TiffStorage storage;
    storage.big_tiff = storage.big_endian = storage.separate_planes = true;
    storage.compression = 8;  // deflate
    storage.bits = 16;
    document.metadata.coding.tiff = storage;
    const Cut strips("in.tif", document);
    strips.check({"-k", "box:size=3"}, "out.tif", 3);
    CHECK(read_bytes(strips.path("in.tif")).substr(0, 4) == std::string("MM\0+", 4));
    storage.tiled = true;
    storage.tile_width = storage.tile_height = 32;
    document.metadata.coding.tiff = storage;
    const Cut tiles("in.tif", document);
    tiles.check({"-k", "box:size=3"}, "out.tif", 4);
}

TEST_CASE("picture shards: a finished TIFF beside some of its parts removes them") {
    const Cut cut("in.tif", document_of(sample_picture(SampleType::u8, 3, 400, 300), "tiff"));
    std::vector<std::string> parts;
    for (const char* shard : {"1/3", "2/3", "3/3"}) {
        REQUIRE(cut.part({"-k", "box"}, "out.tif", shard).code == 0);
        parts.push_back(read_bytes(part_path(cut.path("out.tif"), *shard - '0', 3)));
    }
    REQUIRE(run({"join", "-q", cut.path("out.tif")}).code == 0);
    const std::string whole = read_bytes(cut.path("out.tif"));
    for (const std::size_t left : {std::size_t{1}, std::size_t{2}}) {
        for (std::size_t i = 0; i < left; ++i)
            write_bytes(part_path(cut.path("out.tif"), static_cast<std::int64_t>(i) + 1, 3),
                        parts[i]);
        CHECK(run({"join", "-q", cut.path("out.tif")}).code == 0);
        CHECK(cut.folder.entries() == 2);
        CHECK(read_bytes(cut.path("out.tif")) == whole);
    }
    REQUIRE(cut.part({"-k", "sharpen"}, "out.tif", "1/3").code == 0);
    const Run refused = run({"join", cut.path("out.tif")});
    CHECK(refused.code == 1);
    check_contains(refused.err, "parts 2, 3 of 3 are missing");
}

TEST_CASE("picture shards: a part with changed bytes is joined or refused, nothing else") {
    const Cut cut("in.tif", document_of(sample_picture(SampleType::u8, 1, 40, 20), "tiff"));
    REQUIRE(cut.part({"-k", "box"}, "out.tif", "1/1").code == 0);
    const std::string path = part_path(cut.path("out.tif"), 1, 1), whole = read_bytes(path);
    std::mt19937 random(20265);
    int refused = 0;
    for (int i = 0; i < 400; ++i) {
        std::string bytes = whole;
        for (int changes = 1 + i % 3; changes > 0; --changes) {
            // Mostly the description behind the samples.
            const std::size_t from = i % 8 == 0 ? 0 : bytes.size() / 2;
            const std::size_t at = from + random() % (bytes.size() - from);
            constexpr std::string_view kBytes = "0129-.[]{}\",:eE \0\xff";
            bytes[at] = kBytes[random() % kBytes.size()];
        }
        write_bytes(path, bytes);
        const Run joined = run({"join", "-q", cut.path("out.tif")});
        CAPTURE(joined.err);
        CHECK((joined.code == 0 || (joined.code == 1 && is_one_error_line(joined.err))));
        refused += joined.code;
        fs::remove(cut.path("out.tif"));
    }
    CHECK(refused > 100);
}

TEST_CASE("picture shards: a part whose numbers are not whole is refused") {
    const Cut cut("in.tif", document_of(sample_picture(SampleType::u8, 1, 40, 20), "tiff"));
    REQUIRE(cut.part({"-k", "box"}, "out.tif", "1/1").code == 0);
    const std::string path = part_path(cut.path("out.tif"), 1, 1), whole = read_bytes(path);
    const std::string fields = R"(\"fields\":[[)";
    const std::size_t at = whole.find(fields);
    REQUIRE(at != std::string::npos);
    std::string bytes = whole;
    const std::size_t digit = at + fields.size();
    bytes.replace(digit, 3, "2e7");  // a tag has three digits, so that nothing moves
    write_bytes(path, bytes);
    const Run refused = run({"join", "-q", cut.path("out.tif")});
    CHECK(refused.code == 1);
    check_contains(refused.err, "damaged, make it again");
}

TEST_CASE("picture shards: what cannot be cut is refused with the reason") {
    const Cut cut("in.ppm", document_of(sample_picture(SampleType::u8, 3, 20, 20), "pnm"));
    const auto check_refused = [&](const Options& options, const std::string& output,
                                   const std::string& reason) {
        const Run result = cut.part(options, output, "1/2");
        CHECK(result.code != 0);
        CHECK(is_one_error_line(result.err));
        check_contains(result.err, reason);
        CHECK(cut.folder.entries() == 1);
    };
    check_refused({"-k", "sobel", "--range", "rescale"}, "out.ppm", "values of the whole picture");
    check_refused({"-k", "sobel", "-k", "box"}, "out-{k}.ppm", "several files");
    check_refused({"-k", "box"}, "out-{page}.tif", "several files");
    const Run stream = apply({"-k", "box", "--shard", "1/2"}, "/dev/null", cut.path("out.ppm"));
    CHECK(stream.code != 0);
    CHECK(cut.folder.entries() == 1);
    check_refused({"-k", "box"}, "out.jpg", "rows of this format depend on those before them");
    check_refused({"-k", "box"}, "ppm:-", "a part lies beside a file");
    check_refused({"-k", "box", "--json"}, "out.webp", "the output's format is written as a whole");
}

TEST_CASE("picture shards: join tells parts of other options, kernels and inputs apart") {
    const Cut cut("in.ppm", document_of(sample_picture(SampleType::u8, 3, 64, 20), "pnm"));
    const auto disagreement = [&](const Options& second) {
        CHECK(cut.part({"-k", "box:size=3"}, "out.ppm", "1/2").code == 0);
        CHECK(cut.part(second, "out.ppm", "2/2").code == 0);
        const Run joined = run({"join", cut.path("out.ppm")});
        CHECK(joined.code == 1);
        CHECK_FALSE(fs::exists(cut.path("out.ppm")));
        return joined.err;
    };
    check_contains(disagreement({"-k", "box:size=3", "--border", "wrap"}), "disagree in options");
    check_contains(disagreement({"-k", "box:size=5"}), "disagree in kernel");
    CHECK(cut.part({"-k", "box:size=3"}, "out.ppm", "1/2").code == 0);
    write_image(cut.path("in.ppm"), document_of(sample_picture(SampleType::u8, 3, 65, 20), "pnm"));
    check_contains(disagreement({"-k", "box:size=3", "--bias", "1"}), "disagree in options");
    CHECK(cut.part({"-k", "box:size=3"}, "out.ppm", "2/2").code == 0);
    CHECK(run({"join", "-q", cut.path("out.ppm")}).code == 0);
}
