#include <doctest/doctest.h>

#include "support/command_line.hpp"
#include "support/filtering.hpp"

using namespace conv;
using namespace conv::test;

TEST_CASE("cli: a wrong command line ends in one line that names what is wrong, exit code 2") {
    const TemporaryFolder folder;
    const std::string output = folder.file("o.png");
    struct Case {
        const char *options, *fragment;
    };
    for (const auto& wrong : {
             Case{"--kernel-format foo", "--kernel-format: foo not in"},
             {"--method quick",
              "--method: unknown method 'quick', use one of auto, naive, im2col, gemm"},
             {"--method seperable", "unknown method 'seperable' (did you mean 'separable'?)"},
             {"--border reflct", "unknown border 'reflct' (did you mean 'reflect'?)"},
             {"--border mirror", "reflect101 (cb|abc, as scipy)"},
             {"--border foo", "--border: unknown border 'foo'"},
             {"--border wrap:1", "'wrap:1' takes no value"},
             {"--border constant:x", "border value 'x'"},
             {"--border constant:1,2", "constant:1,2 has 2 values"},
             {"--padding -1", "--padding '-1'"},
             {"--padding 1,2,3", "--padding '1,2,3'"},
             {"--padding some", "--padding 'some'"},
             {"--padding 2000000000", "--padding is too large to count"},
             {"--padding 9223372036854775807", "padding is 9223372036854775807"},
             {"--padding valid --dilation 1000 -k box", "result would be empty"},
             {"--anchor 9,9", "--anchor 9,9 lies outside the kernel"},
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
        const std::string options = wrong.options, fragment = wrong.fragment;
        std::vector<std::string> arguments = words_of(options);
        if (std::find(arguments.begin(), arguments.end(), "-k") == arguments.end()) {
            arguments.insert(arguments.end(), {"-k", "identity"});
        }
        const Run result = apply(arguments, sample("logo.png"), output);
        CAPTURE(options);
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
    for (const auto& wrong : {
             Case{"", "a command is missing, use apply, batch, join, compare"},
             {"frobnicate",
              "unknown command 'frobnicate', use apply, batch, join, compare, explain, kernel, "
              "devices"},
             {"aply", "unknown command 'aply' (did you mean 'apply'?), use apply"},
             {"kernel shw", "unknown command 'shw' (did you mean 'show'?)"},
             {"apply --kernal sharpen a.png b.png", "'--kernal' (did you mean '--kernel'?)"},
             {"apply -k sharpen --normalise sum a.png b.png", "did you mean '--normalize'?"},
             {"apply -k sharpen a.png -o b.png",
              "unknown option '-o', OUTPUT is the last argument"},
             {"apply -k gaussian --sigma 2 a.png b.png", "-k gaussian:sigma=..."},
             {"apply sharpen a.png b.png", "--kernel is required (did you mean -k sharpen?)"},
             {"apply", "INPUT OUTPUT is missing, see conv-cli apply --help"},
             {"apply a.png b.png", "--kernel is required"},
             {"apply -k", "--kernel: 1 required K missing, see conv-cli apply"},
             {"apply -k box a.png", "one INPUT and one OUTPUT, got 1 file"},
             {"apply -k box a.png b.png c.png", "use conv-cli batch"},
             {"apply -k - - o.png", "standard input can be read once"},
             {"apply -k - png:- o.png", "standard input can be read once"},
             {"apply -k - -k - a.png o.png", "standard input can be read once"},
             {"apply -k box --json a.png -", "--json both write to standard output"},
             {"apply -k box --json a.png png:-", "--json both write to standard output"},
             {"apply -k - /dev/stdin o.png", "standard input can be read once"},
             {"apply -k box --json a.png /dev/stdout", "--json both write to standard output"},
             {"kernel", "a command is missing, use list, show, convert, check"},
             {"kernel -q list", "'-q' stands before its command, write it behind 'list'"},
             {"kernel --frob list", "unknown option '--frob'"},
             {"help aply", "unknown command 'aply' (did you mean 'apply'?)"},
             {"aply --help", "unknown command 'aply' (did you mean 'apply'?)"},
             {"help kernel shw", "unknown command 'shw' (did you mean 'show'?)"},
             {"kernel convert box - --json", "cannot both go to standard output"},
             {"kernel frob", "unknown command 'frob', use list, show, convert, check"},
             {"kernel show", "KERNEL is missing"},
             {"kernel show nothere", "kernel 'nothere' is no file"},
             {"kernel convert identity", "OUT is missing"},
             {"kernel convert identity o.foo", "use --to plain, vips"},
             {"kernel convert identity - --to foo", "'foo'"},
             {"kernel convert gabor-bank o.txt", "do not make one bank"},
             {"kernel check", "FILES is missing"},
             {"kernel list extra", "'extra' is one argument too many"},
         }) {
        const std::string line = wrong.line, fragment = wrong.fragment;
        const Run result = run(words_of(line));
        CAPTURE(line);
        CAPTURE(result.err);
        CHECK(result.code == 2);
        CHECK(is_one_error_line(result.err));
        check_contains(result.err, fragment);
    }
}

TEST_CASE("cli: --help and --version go to stdout with exit code 0") {
    for (const auto& asked : {std::pair{"--help", "kernel"},
                              {"apply --help", "reflect101"},
                              {"kernel --help", "convert"},
                              {"kernel show --help", "KERNEL"},
                              {"--version", "conv-cli "},
                              {"version", "conv-cli "},
                              {"help", "explain"},
                              {"help kernel show", "KERNEL"}}) {
        const std::string line = asked.first, fragment = asked.second;
        const Run result = run(words_of(line));
        CAPTURE(line);
        CHECK(result.code == 0);
        CHECK(result.err.empty());
        check_contains(result.out, fragment);
    }
}
