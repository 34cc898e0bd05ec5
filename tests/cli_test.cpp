#include "cli.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/filtering.hpp"
#include "tensor/npy.hpp"

using namespace conv;
using namespace conv::test;

namespace {

struct Run {
    int code = 0;
    std::string out, err;
};

Run run(const std::vector<std::string>& arguments) {
    std::ostringstream out, err;
    Run result;
    result.code = run_cli(arguments, out, err);
    result.out = out.str();
    result.err = err.str();
    return result;
}

std::string sample(const std::string& name) {
    return std::string(CONV_SOURCE_DIR) + "/sample_images/" + name;
}

/// `apply` with the options in front of INPUT and OUTPUT.
Run apply(std::vector<std::string> options, const std::string& input, const std::string& output) {
    options.insert(options.begin(), "apply");
    options.insert(options.end(), {input, output});
    return run(options);
}

Image first_page(const std::string& path) {
    return read_image(path).pages.at(0);
}

bool is_one_error_line(const std::string& err) {
    return err.starts_with("conv-cli: error: ") && err.find('\n') + 1 == err.size();
}

std::vector<std::string> words_of(const std::string& line) {
    std::istringstream words(line);
    return {std::istream_iterator<std::string>(words), std::istream_iterator<std::string>()};
}

nlohmann::json json_of(const Run& result) {
    return nlohmann::json::parse(result.out);
}

}  // namespace

TEST_CASE("cli: apply keeps depth, channels and alpha of every kind of picture") {
    const TemporaryFolder folder;
    struct Case {
        const char *input, *output;
    };
    for (const auto& [input, output] : {Case{"scene.png", "a.png"},
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
        CAPTURE(std::string(input));
        CAPTURE(std::string(output));
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

TEST_CASE("cli: one line on stderr tells of lost values, unless -q") {
    const TemporaryFolder folder;
    const Run told = apply({"-k", "sobel"}, sample("cells.png"), folder.file("a.png"));
    CHECK(told.code == 0);
    check_contains(told.err, "of the values were lost to clamping");
    check_contains(told.err, "--range abs or rescale, or --depth f32");
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

TEST_CASE("cli: several -k combine, or give one numbered file each") {
    const TemporaryFolder folder;
    const std::vector<std::string> two = {
        "-k", "sobel:direction=x", "-k", "sobel:direction=y", "--depth", "f32"};
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.begin(), two.begin(), two.end());
        return more;
    };
    const Run numbered = apply(with({"--json"}), sample("scene.png"), folder.file("{k}-edge.tif"));
    REQUIRE(numbered.code == 0);
    CHECK(json_of(numbered).at("outputs") ==
          nlohmann::json::array({folder.file("0-edge.tif"), folder.file("1-edge.tif")}));
    const Image dx = first_page(folder.file("0-edge.tif"));
    const Image dy = first_page(folder.file("1-edge.tif"));
    REQUIRE(apply(with({"--combine", "l2"}), sample("scene.png"), folder.file("l2.tif")).code == 0);
    const Image l2 = first_page(folder.file("l2.tif"));
    for (const std::int64_t at : {0, 77, 300}) {
        CHECK(sample_at(l2, 1, at, at) ==
              doctest::Approx(std::hypot(sample_at(dx, 1, at, at), sample_at(dy, 1, at, at)))
                  .epsilon(1e-6));
    }
    const Run refused = apply(two, sample("scene.png"), folder.file("one.tif"));
    CHECK(refused.code == 1);
    check_contains(refused.err, "{k}");
    CHECK(folder.entries() == 3);
}

TEST_CASE("cli: numbers of {k} and {page} are padded with zeros to one width") {
    const TemporaryFolder folder;
    Image cube = Image::planar(SampleType::f32, 1, 4, 5);
    std::fill_n(cube.data<float>(), 20, 1.5F);
    ImageDocument pages;
    pages.format = "npy";
    pages.array_rank = 4;
    for (int n = 0; n < 11; ++n) pages.pages.push_back(cube);
    write_image(folder.file("in.npy"), pages);
    CHECK(apply({"-k", "identity"}, folder.file("in.npy"), folder.file("p{page}.tif")).code == 0);
    CHECK(std::filesystem::exists(folder.file("p00.tif")));
    CHECK(std::filesystem::exists(folder.file("p10.tif")));
    CHECK(folder.entries() == 12);
    CHECK(
        apply({"-k", "identity", "-k", "2"}, folder.file("in.npy"), folder.file("k{k}-p{page}.npy"))
            .code == 0);
    CHECK(sample_at(first_page(folder.file("k1-p10.npy")), 0, 0, 0) == 3);
    CHECK(folder.entries() == 34);
}

TEST_CASE("cli: pages of a TIFF come out as pages") {
    const TemporaryFolder folder;
    ImageDocument document;
    document.format = "tiff";
    document.pages = {sample_picture(SampleType::u16, 3, 6, 7),
                      sample_picture(SampleType::u16, 3, 9, 4)};
    write_image(folder.file("in.tif"), document);
    REQUIRE(apply({"-k", "identity"}, folder.file("in.tif"), folder.file("out.tif")).code == 0);
    const ImageDocument result = read_image(folder.file("out.tif"));
    REQUIRE(result.pages.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) CHECK(difference(result.pages[i], document.pages[i]) == 0);
    const Run one = apply({"-k", "identity"}, folder.file("in.tif"), folder.file("out.png"));
    CHECK(one.code == 1);
    check_contains(one.err, "{page}");
}

TEST_CASE("cli: .npy in and out is a framework's conv2d") {
    const TemporaryFolder folder;
    // x = C H W 2 x 3 x 4 of 0..23, w = K C R S 1 x 2 x 2 x 2 of 0..7, bias 0.5, stride 2.
    std::string x = npy_header(NpyElement::f32, std::vector<std::int64_t>{2, 3, 4});
    for (int i = 0; i < 24; ++i) {
        const auto value = static_cast<float>(i);
        x.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    std::string w = npy_header(NpyElement::f64, std::vector<std::int64_t>{1, 2, 2, 2});
    for (int i = 0; i < 8; ++i) {
        const double value = i;
        w.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    write_bytes(folder.file("x.npy"), x);
    write_bytes(folder.file("w.npy"), w);
    REQUIRE(apply({"-k", folder.file("w.npy"), "--padding", "1", "--border", "constant", "--stride",
                   "2", "--bias", "1/2"},
                  folder.file("x.npy"), folder.file("y.npy"))
                .code == 0);
    const ImageDocument y = read_image(folder.file("y.npy"));
    CHECK(y.array_rank == 3);
    // Worked by hand: the window's last cell alone, its last column, and so on.
    CHECK(samples_of(y.pages[0]) ==
          std::vector<double>{
              3 * 0 + 7 * 12 + 0.5, 2 * 1 + 3 * 2 + 6 * 13 + 7 * 14 + 0.5, 2 * 3 + 6 * 15 + 0.5,
              1 * 4 + 3 * 8 + 5 * 16 + 7 * 20 + 0.5,
              0 * 5 + 1 * 6 + 2 * 9 + 3 * 10 + 4 * 17 + 5 * 18 + 6 * 21 + 7 * 22 + 0.5,
              0 * 7 + 2 * 11 + 4 * 19 + 6 * 23 + 0.5});
}

TEST_CASE("cli: a failed run leaves no file, and an old output as it was") {
    const TemporaryFolder folder;
    write_bytes(folder.file("half.png"), read_bytes(sample("cells.png")).substr(0, 5000));
    write_bytes(folder.file("text.png"), "no picture\n");
    write_bytes(folder.file("none.png"), "");
    const std::string old = folder.file("old.png");
    write_bytes(old, "what was there");
    const std::size_t before = folder.entries();
    struct Case {
        std::string input;
        std::vector<std::string> options;
        const char* fragment;
    };
    for (const Case& c :
         {Case{folder.file("half.png"), {"-k", "box"}, "half.png"},
          {folder.file("text.png"), {"-k", "box"}, "text.png: is no image file"},
          {folder.file("none.png"), {"-k", "box"}, "none.png: is empty"},
          {folder.file("missing.png"), {"-k", "box"}, "missing.png: cannot be opened"},
          {folder.file(""), {"-k", "box"}, "is a directory"},
          {sample("logo.png"), {"-k", "1 2;3"}, "row 2"},
          {sample("hdr.tif"), {"-k", "box"}, "f32 samples do not fit png"},
          {sample("scene.png"),
           {"-k", "box", "--method", "im2col", "--max-memory", "8M"},
           "--max-memory is 8.0 MiB"},
          {sample("logo.png"), {"-k", "box", "--no-overwrite"}, "--no-overwrite"}}) {
        const Run result = apply(c.options, c.input, old);
        CAPTURE(result.err);
        CHECK(result.code >= 1);
        CHECK(result.out.empty());
        CHECK(is_one_error_line(result.err));
        check_contains(result.err, c.fragment);
        CHECK(read_bytes(old) == "what was there");
        CHECK(folder.entries() == before);
    }
}

TEST_CASE("cli: outputs that cannot be written are refused before computing, with exit code 1") {
    const TemporaryFolder folder;
    for (const auto& [output, fragment] :
         {std::pair{"missing/a.png", "does not exist, create it first"},
          {"a", "has no extension"},
          {"a.gif", "'.gif' is not the extension"},
          {"a.jpg", "jpeg holds no alpha: use --alpha drop"},
          {"a.hdr", "u8 samples do not fit hdr"}}) {
        const Run result = apply({"-k", "box"}, sample("logo.png"), folder.file(output));
        CHECK(result.code == 1);
        CHECK(is_one_error_line(result.err));
        check_contains(result.err, fragment);
    }
    std::filesystem::create_directory(folder.file("d.png"));
    check_contains(apply({"-k", "box"}, sample("logo.png"), folder.file("d.png")).err,
                   "is a directory");
    CHECK(folder.entries() == 1);
}

TEST_CASE("cli: input and output may be the same file, also through a symbolic link") {
    const TemporaryFolder folder;
    const std::string file = folder.file("a.png"), link = folder.file("link.png");
    std::filesystem::copy_file(sample("cells.png"), file);
    std::filesystem::create_symlink("a.png", link);
    REQUIRE(apply({"-k", "-1", "--bias", "255"}, file, link).code == 0);
    CHECK(std::filesystem::is_symlink(link));
    CHECK(sample_at(first_page(file), 0, 3, 4) ==
          255 - sample_at(first_page(sample("cells.png")), 0, 3, 4));
    CHECK(folder.entries() == 2);
}

TEST_CASE("cli: a wrong command line ends in one line that names what is wrong, exit code 2") {
    const TemporaryFolder folder;
    const std::string output = folder.file("o.png");
    struct Case {
        const char *options, *fragment;
    };
    for (const auto& [options, fragment] : {
             Case{"--kernel-format foo", "--kernel-format: foo not in"},
             {"--method quick", "unknown method 'quick', use one of auto, naive, im2col, gemm"},
             {"--border mirror", "reflect101 (cb|abc, as scipy)"},
             {"--border foo", "unknown border 'foo'"},
             {"--border wrap:1", "'wrap:1' takes no value"},
             {"--border constant:x", "border value 'x'"},
             {"--border constant:1,2", "constant:1,2 has 2 values"},
             {"--padding -1", "--padding '-1'"},
             {"--padding 1,2,3", "--padding '1,2,3'"},
             {"--padding some", "--padding 'some'"},
             {"--padding 2000000000", "padded picture is too large"},
             {"--padding 9223372036854775807", "padding is 9223372036854775807"},
             {"--padding valid --dilation 1000 -k box", "result would be empty"},
             {"--anchor 9,9", "anchor 9,9 lies outside the kernel"},
             {"--anchor 1", "--anchor '1'"},
             {"--anchor -1,0", "--anchor '-1,0'"},
             {"--anchor 0,0,0", "--anchor '0,0,0'"},
             {"--stride 0", "--stride '0'"},
             {"--stride -1", "--stride '-1'"},
             {"--stride 1,2,3", "--stride '1,2,3'"},
             {"--stride x", "--stride 'x'"},
             {"--stride 1.5", "--stride '1.5'"},
             {"--dilation 0", "--dilation '0'"},
             {"--dilation 1x2", "--dilation '1x2'"},
             {"--groups 0", "--groups 0"},
             {"--groups 2", "--groups 2 needs a K x C/G x R x S bank"},
             {"--groups x", "--groups = x"},
             {"--scale x", "--scale 'x' is not a number"},
             {"--scale 1/0", "--scale '1/0' divides by zero"},
             {"--scale nan", "--scale 'nan'"},
             {"--scale 1e400", "--scale '1e400'"},
             {"--scale 1e300", "does not fit float32"},
             {"--normalize max", "--normalize 'max'"},
             {"--normalize sum -k sobel", "--normalize abs or none"},
             {"--bias x", "--bias 'x'"},
             {"--bias 1,2", "--bias has 2 numbers for 1 output map, give one number"},
             {"--bias inf", "--bias 'inf'"},
             {"--bias ,", "--bias ''"},
             {"--combine mean", "--combine 'mean' is unknown, use one of stack, sum, max, l2"},
             {"--depth u32", "--depth 'u32' is unknown, use one of same, u8, u16, f32"},
             {"--range wrap", "--range 'wrap' is unknown, use one of clamp, abs, rescale"},
             {"--alpha blend", "--alpha 'blend'"},
             {"--alpha weighted -k sobel", "--alpha copy or straight"},
             {"--channels rgb", "--channels 'rgb'"},
             {"--channels 0,0", "--channels '0,0' names a channel twice"},
             {"--channels 7", "channel 7, the picture has channels 0 to 3"},
             {"--channels -1", "--channels '-1'"},
             {"--layout cwh", "--layout 'cwh'"},
             {"--threads 0", "--threads: Value 0"},
             {"--threads x", "--threads: Value x"},
             {"--max-memory 12Q", "--max-memory '12Q' is not a size"},
             {"--max-memory 0", "--max-memory '0' is not a size"},
             {"--max-pixels 0", "--max-pixels: Value 0"},
             {"--quality 101", "--quality: Value 101"},
             {"--png-compression 10", "--png-compression: Value 10"},
             {"--tiff-compression jpeg", "--tiff-compression: jpeg"},
             {"--metadata some", "--metadata: some"},
             {"--frobnicate", "--frobnicate"},
             {"-k nothere.txt", "kernel 'nothere.txt' is no file, no built-in"},
             {"-k gausian", "did you mean 'gaussian'?"},
             {"-k gaussian:sgma=2", "unknown parameter 'sgma' (did you mean 'sigma'?)"},
             {"-k gaussian:sigma=-1", "sigma='-1'"},
             {"-k 1,x,3", "-k text:1:3: 'x' is not a number"},
             {"-k /", "kernel '/' is a directory"},
         }) {
        std::vector<std::string> arguments = words_of(options);
        if (std::find(arguments.begin(), arguments.end(), "-k") == arguments.end()) {
            arguments.insert(arguments.end(), {"-k", "identity"});
        }
        const Run result = apply(arguments, sample("logo.png"), output);
        CAPTURE(std::string(options));
        CAPTURE(result.err);
        CHECK(result.code == 2);
        CHECK(is_one_error_line(result.err));
        check_contains(result.err, fragment);
        CHECK(result.out.empty());
        CHECK(folder.entries() == 0);
    }
}

TEST_CASE("cli: wrong shapes of a command line are usage errors too") {
    struct Case {
        const char *line, *fragment;
    };
    for (const auto& [line, fragment] : {
             Case{"", "A subcommand is required, see conv-cli --help"},
             {"frobnicate", "unknown command 'frobnicate', use apply, compare, explain, kernel, devices"},
             {"apply", "FILES is required, see conv-cli apply --help"},
             {"apply a.png b.png", "--kernel is required"},
             {"apply -k", "--kernel: 1 required K missing, see conv-cli apply"},
             {"apply -k box a.png", "one INPUT and one OUTPUT, got 1 file"},
             {"apply -k box a.png b.png c.png", "use a shell loop"},
             {"apply -k - - o.png", "standard input can be read once"},
             {"apply -k - png:- o.png", "standard input can be read once"},
             {"apply -k - -k - a.png o.png", "standard input can be read once"},
             {"apply -k box --json a.png -", "--json both write to standard output"},
             {"apply -k box --json a.png png:-", "--json both write to standard output"},
             {"apply -k - /dev/stdin o.png", "standard input can be read once"},
             {"apply -k box --json a.png /dev/stdout", "--json both write to standard output"},
             {"kernel", "A subcommand is required"},
             {"kernel frob", "unknown command 'frob', use list, show, convert, check"},
             {"kernel show", "KERNEL is required"},
             {"kernel show nothere", "kernel 'nothere' is no file"},
             {"kernel convert identity", "OUT is required"},
             {"kernel convert identity o.foo", "use --to plain, vips"},
             {"kernel convert identity - --to foo", "'foo'"},
             {"kernel convert gabor-bank o.txt", "do not make one bank"},
             {"kernel check", "FILES is required"},
             {"kernel list extra", "extra"},
         }) {
        const Run result = run(words_of(line));
        CAPTURE(std::string(line));
        CAPTURE(result.err);
        CHECK(result.code == 2);
        CHECK(is_one_error_line(result.err));
        check_contains(result.err, fragment);
    }
}

TEST_CASE("cli: --help and --version go to stdout with exit code 0") {
    for (const auto& [line, fragment] : {std::pair{"--help", "kernel"},
                                         {"apply --help", "reflect101"},
                                         {"kernel --help", "convert"},
                                         {"kernel show --help", "KERNEL"},
                                         {"--version", "conv-cli "}}) {
        const Run result = run(words_of(line));
        CAPTURE(std::string(line));
        CHECK(result.code == 0);
        CHECK(result.err.empty());
        check_contains(result.out, fragment);
    }
}

TEST_CASE("cli: kernel list and show print the built-ins, as text and as JSON") {
    const Run list = run({"kernel", "list"});
    CHECK(list.code == 0);
    check_contains(list.out, "gaussian:sigma=1,size=auto");
    const nlohmann::json names = json_of(run({"kernel", "list", "--json"}));
    CHECK(names.size() >= 20);
    CHECK(names.at(0).contains("parameters"));

    const Run show = run({"kernel", "show", "sobel"});
    check_contains(show.out, "-1   0   1\n");
    check_contains(show.out, "zero-sum");
    const nlohmann::json sobel = json_of(run({"kernel", "show", "sobel", "--json"})).at(0);
    CHECK(sobel.at("values") == nlohmann::json({-1, 0, 1, -2, 0, 2, -1, 0, 1}));
    CHECK(sobel.at("zero_sum") == true);
    CHECK(sobel.at("separable") == true);
    CHECK(json_of(run({"kernel", "show", "gabor-bank", "--json"})).size() == 4);
}

TEST_CASE("cli: kernel convert writes every format, and reading back gives the same weights") {
    const TemporaryFolder folder;
    const auto weights = [](const std::string& kernel) {
        const nlohmann::json json = json_of(run({"kernel", "show", kernel, "--json"})).at(0);
        std::vector<double> values = json.at("values");
        for (double& value : values) value *= json.at("scale").get<double>();
        return values;
    };
    const std::string reference = "gaussian:sigma=0.7";
    for (const auto& [file, format] : {std::pair{"a.txt", "plain"},
                                       {"a.mat", "vips"},
                                       {"a.im", "imagemagick"},
                                       {"a.gmic", "gmic"},
                                       {"a.yml", "opencv"},
                                       {"a.xml", "opencv"},
                                       {"a.npy", "npy"}}) {
        const Run result = run({"kernel", "convert", reference, folder.file(file), "--to", format});
        CAPTURE(std::string(file));
        CHECK(result.err.empty());
        CHECK(result.code == 0);
        CHECK(weights(folder.file(file)) == weights(reference));
    }
    const Run text = run({"kernel", "convert", "1 2 1", "-"});
    CHECK(text.code == 0);
    check_contains(text.out, "1 2 1");
}

TEST_CASE("cli: kernel check tells good files from bad ones and fails if any is bad") {
    const TemporaryFolder folder;
    write_bytes(folder.file("good.txt"), "1 2 1\n2 4 2\n1 2 1\n");
    write_bytes(folder.file("bad.txt"), "1 2\n3\n");
    const Run good = run({"kernel", "check", folder.file("good.txt")});
    CHECK(good.code == 0);
    check_contains(good.out, "good.txt: good, plain, 3 rows x 3 columns\n");
    const Run both = run({"kernel", "check", folder.file("bad.txt"), folder.file("good.txt")});
    CHECK(both.code == 2);
    check_contains(both.err, "bad.txt:2:2: row 2 has 1 number");
    check_contains(both.err, "conv-cli: error: 1 of 2 kernels are bad\n");
    check_contains(both.out, "good.txt: good");
    const Run json =
        run({"kernel", "check", "--json", folder.file("bad.txt"), folder.file("good.txt")});
    CHECK(json_of(json).at(0).at("good") == false);
    CHECK(json_of(json).at(1).at("good") == true);
}

TEST_CASE("cli: the sample kernels filter a picture") {
    const TemporaryFolder folder;
    int kernels = 0;
    for (const auto& entry : std::filesystem::directory_iterator(sample("kernels"))) {
        ++kernels;
        const Run result =
            apply({"-k", entry.path().string(), "-q"}, sample("cells.png"), folder.file("o.png"));
        CAPTURE(entry.path().string());
        CAPTURE(result.err);
        CHECK(result.code == 0);
    }
    CHECK(kernels >= 8);
}
