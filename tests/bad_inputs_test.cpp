#include <doctest/doctest.h>
#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "support/picture_files.hpp"
#include "support/sanitized.hpp"
#include "support/shell.hpp"

// What the program must survive beside damaged pictures (damaged_image_test.cpp): kernels, options,
// standard input and outputs, each in a process of its own under limits of memory and time. A
// refusal is one line, leaves nothing behind and an old output as it was.

namespace {

using namespace conv;
using namespace conv::test;

namespace fs = std::filesystem;

struct Row {
    std::string name, given;  ///< what stands in the file `given`
    std::string arguments;    ///< of the program, with the shell's redirections
    int code;
    std::string words;  ///< of the error; empty where there is none
};

/// 1 GB of address space is far less than any of these claim; seconds are the processor's, so that
/// a busy machine changes nothing. A sanitizer's shadow alone is larger.
std::string limits() {
    return is_sanitized() ? "" : "ulimit -v 1000000 -t 5; ";
}

std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path());
    std::sort(names.begin(), names.end());
    return names;
}

void check_row(const Shell& shell, const Row& row) {
    CAPTURE(row.name);
    write_bytes(shell.folder.file("given"), row.given);
    write_bytes(shell.folder.file("old.png"), "an old output");
    const auto before = names_in(shell.folder.file(""));
    const int code = shell.run(limits() + "exec \"$program\" " + row.arguments);
    const std::string error = shell.error();
    CAPTURE(error);
    CHECK(code == row.code);
    if (row.code == 0) {
        CHECK(error.find("conv-cli: error: ") == std::string::npos);
        fs::remove(shell.folder.file("new.png"));
        return;
    }
    CHECK(is_one_error_line(error));
    CHECK(error.find(row.words) != std::string::npos);
    CHECK(read_bytes(shell.folder.file("old.png")) == "an old output");
    CHECK(names_in(shell.folder.file("")) == before);
}

void check_rows(const std::vector<Row>& rows) {
    const Shell shell;
    shell.run(":");  // makes the files of the shell itself
    for (const Row& row : rows) check_row(shell, row);
}

std::string repeated(const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
}

std::string yaml_matrix(const std::string& rows) {
    return "%YAML:1.0\n---\nk: !!opencv-matrix\n   rows: " + rows +
           "\n   cols: 100000\n   dt: f\n   data: [ 1., 2. ]\n";
}

std::string npy_kernel(const std::string& type, const std::string& shape) {
    return npy_of("{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + "}",
                  std::string(16, '\0'));
}

/// A black picture of 24 million pixels, whose rows are a thousandth of their size in the file.
std::string black_png(bool interlaced) {
    constexpr std::size_t kSide = 4900;
    const std::string samples(kSide * (kSide + 2), '\0');
    std::string packed(compressBound(samples.size()), '\0');
    uLongf size = packed.size();
    compress(reinterpret_cast<Bytef*>(packed.data()), &size,
             reinterpret_cast<const Bytef*>(samples.data()), samples.size());
    return "\x89PNG\r\n\x1a\n" +
           png_chunk_text("IHDR", big(kSide, 4) + big(kSide, 4) + std::string("\x08\0\0\0", 4) +
                                      (interlaced ? '\1' : '\0')) +
           png_chunk_text("IDAT", packed.substr(0, size)) + png_chunk_text("IEND", "");
}

}  // namespace

TEST_CASE("bad inputs: kernel files that are none are refused, the rest is read") {
    std::vector<Row> rows;
    const auto refused = [&](const std::string& name, const std::string& text,
                             const std::string& words, const std::string& options = "") {
        rows.push_back(
            {name, text, "apply -k given " + options + " in.png old.png", 2, "given" + words});
    };
    const auto read = [&](const std::string& name, const std::string& text) {
        rows.push_back({name, text, "apply -k given in.png new.png", 0, ""});
    };
    refused("empty", "", ": is empty");
    refused("blank", " \n\t\n", ": holds no numbers");
    refused("comment only", "# 1 2 3\n", ": holds no numbers");
    refused("word", "1 2\n3 x\n", ":2:3: 'x' is not a number");
    refused("ragged", "1 2 3\n4 5\n", ":2:4: row 2 has 2 numbers, but row 1 has 3");
    refused("NaN", "1 nan 1\n", ":1:3: 'nan' is not finite");
    refused("infinity", "1 inf 1\n", ":1:3: 'inf' is not finite");
    refused("1e400", "1 1e400 1\n", ":1:3: '1e400' is beyond the range of a double");
    refused("1/0", "1 1/0 1\n", ":1:3: '1/0' divides by zero");
    refused("too few rows", "3 3 9 0\n1 1 1\n1 1 1\n",
            ":1:1: the libvips header says 3 rows of 3, but 2 follow", "--kernel-format vips");
    refused("two readings", "2 2\n1 2\n3 4\n", ": can be read as plain (3 rows of 2) and as vips");
    refused("open bracket", "[[1,2],[3,4]", ":1:1: '[' is never closed");
    refused("binary", std::string("\x7f\x45\x4c\x46\2\1\1\0\0\0", 10),
            ":1:1: byte 0x7F: binary data");
    refused("UTF-16", std::string("\xff\xfe\x31\0\x20\0\x32\0", 8), ": is UTF-16 text");
    refused("NUL", std::string("1 2\0 3", 6), ":1:4: a NUL byte");
    refused("decimal comma", "0,5 1,5\n1,5 0,5\n",
            ":1:4: mixes commas and blanks between numbers: a decimal comma?");
    refused("40 GB in a libvips header", "100000 100000 1 0\n1 2 3\n",
            ":1:1: a matrix of more than", "--kernel-format vips");
    refused("40 GB in YAML", yaml_matrix("100000"), ":5:10: a matrix of more than");
    refused("-1 rows in YAML", yaml_matrix("-1"), ":4:10: '-1' is not a whole number");
    refused("XML entity",
            "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"
            "<opencv_storage><k>&x;</k></opencv_storage>",
            ":1:22: document types and entities are not read");
    refused("deep JSON", repeated("{\"a\":", 100000), ":1:81: nested deeper than 16 levels");
    refused("deep brackets", repeated("[", 100000), ":1:5: brackets deeper than");
    refused("deep XML", "<?xml version=\"1.0\"?><opencv_storage>" + repeated("<a>", 100000),
            ":1:83: nested deeper than 16 levels");
    refused("deep YAML", "%YAML:1.0\n---\na: " + repeated("[", 100000),
            ":3:19: nested deeper than 16 levels");
    refused("pickle", npy_kernel("|O", "(2, 2)"),
            ": the .npy file holds pickled objects, which are never loaded");
    refused(
        "lying shape", npy_kernel("<f4", "(100000, 100000)"),
        ": the .npy shape (100000, 100000) needs 40000000000 bytes of values, the file holds 16");
    refused("overflowing shape", npy_kernel("<f4", "(4294967296, 4294967296, 2)"),
            ": the .npy shape (4294967296, 4294967296, 2) is too large to count");
    refused("a megabyte in one number", std::string(1000000, '1'), ":1:1: '1111");
    refused("a megabyte in one word", std::string(1000000, 'x'), ":1:1: 'xxxx");
    read("byte order mark and CR LF",
         "\xef\xbb\xbf"
         "1 2 1\r\n2 4 2\r\n1 2 1\r\n");
    read("no final newline", "1 2 1\n2 4 2");
    rows.push_back({"a megabyte in one line", repeated("1 ", 500000),
                    "kernel check given > /dev/null", 0, ""});
    check_rows(rows);
}

TEST_CASE("bad inputs: kernels that are not there, and built-ins that cannot be") {
    check_rows(
        {{"missing", "", "apply -k none.txt in.png old.png", 2, "kernel 'none.txt' is no file"},
         {"directory", "", "apply -k ./ in.png old.png", 2, "kernel './' is a directory"},
         {"zero sum", "", "apply -k sobel --normalize sum in.png old.png", 2,
          "kernel sobel: its values sum to 0"},
         {"unknown", "", "apply -k gausian in.png old.png", 2, "did you mean 'gaussian'?"},
         {"unknown parameter", "", "apply -k gaussian:sgma=1 in.png old.png", 2, "'sgma'"},
         {"bad value", "", "apply -k gaussian:sigma=-1 in.png old.png", 2, "sigma='-1'"},
         {"huge", "", "apply -k box:size=99999999 in.png old.png", 2, "size='99999999'"}});
}

TEST_CASE("bad inputs: options that cannot be met") {
    std::vector<Row> rows;
    const auto refused = [&](const std::string& options, const std::string& words, int code = 2) {
        rows.push_back({options, "", "apply -k box " + options + " in.png old.png", code, words});
    };
    refused("--frobnicate", "--frobnicate");
    refused("--stride 0", "--stride '0'");
    refused("--stride 1.5", "--stride '1.5'");
    refused("--dilation 0", "--dilation '0'");
    refused("--padding -1", "--padding '-1'");
    refused("--padding 2000000000", "--padding is too large to count");
    refused("--padding valid --dilation 1000", "result would be empty");
    refused("--anchor 99,99", "--anchor 99,99 lies outside the kernel");
    refused("--groups 2", "--groups 2 needs a K x C/G x R x S bank");
    refused("--border mirror", "reflect101 (cb|abc, as scipy)");
    refused("--scale 1/0", "--scale '1/0' divides by zero");
    refused("--bias inf", "--bias 'inf'");
    refused("--normalize max", "--normalize 'max'");
    refused("--combine mean", "--combine 'mean'");
    refused("--depth u32", "--depth 'u32'");
    refused("--range wrap", "--range 'wrap'");
    refused("--alpha blend", "--alpha 'blend'");
    refused("--channels 0,0", "--channels '0,0' names a channel twice");
    refused("--method quick", "--method: unknown method 'quick'");
    refused("--threads 0", "--threads: Value 0");
    refused("--max-memory 12Q", "--max-memory '12Q' is not a size");
    refused("--max-pixels 0", "--max-pixels: Value 0");
    refused("--quality 101", "--quality: Value 101");
    refused("--device cuda:9", "--device cuda:9 is not there", 1);
    refused("--max-memory 1M", "--max-memory is 1.0 MiB", 1);
    rows.push_back({"unknown command", "", "frobnicate", 2, "unknown command 'frobnicate'"});
    check_rows(rows);
}

TEST_CASE("bad inputs: standard input, whole, empty and broken off") {
    const std::string half =
        read_bytes(source_folder() + "/sample_images/scene.png").substr(0, 5000);
    check_rows(
        {{"a file", "", "apply -k box - new.png < in.png", 0, ""},
         {"a pipe by name", "", "apply -k box /dev/stdin new.png < <(cat in.png)", 0, ""},
         {"empty", "", "apply -k box - old.png < /dev/null", 1, "standard input: is empty"},
         {"half in a pipe", half, "apply -k box - old.png < <(cat given)", 1,
          "standard input: the PNG is truncated"},
         {"half in a pipe by name", half, "apply -k box /dev/stdin old.png < <(cat given)", 1,
          "/dev/stdin: the PNG is truncated"},
         {"closed", "", "apply -k box - old.png <&-", 1, "standard input: cannot be read"},
         {"a folder", "", "apply -k box - old.png < .", 1, "standard input: is a directory"}});
}

TEST_CASE("bad inputs: 24 MB of samples in 24 KB keep --max-memory, or are refused") {
    const std::string options = "apply --json -k box --max-memory 30M given ";
    const Shell shell;
    shell.run(":");
    check_row(shell, {"interlaced", black_png(true), options + "old.png", 1, "--max-memory"});
    if (is_sanitized()) return;  // it needs more by itself
    write_bytes(shell.folder.file("given"), black_png(false));
    CHECK(shell.run(limits() + "exec \"$program\" " + options + "new.png > report.json") == 0);
    const auto report = nlohmann::json::parse(read_bytes(shell.folder.file("report.json")));
    CHECK(report["peak_memory_bytes"] > 0);
    CHECK(report["peak_memory_bytes"] <= 30 << 20);
}

TEST_CASE("bad inputs: outputs that cannot be written") {
    const std::string half =
        read_bytes(source_folder() + "/sample_images/scene.png").substr(0, 5000);
    check_rows(
        {{"missing folder", "", "apply -k box in.png none/o.png", 1,
          "none/o.png: the folder none does not exist"},
         {"unknown extension", "", "apply -k box in.png o.xyz", 2, "'.xyz' cannot be written"},
         {"no extension", "", "apply -k box in.png o", 2, "o: has no extension"},
         {"--no-overwrite", "", "apply -k box --no-overwrite in.png old.png", 1,
          "old.png: exists and --no-overwrite was given"},
         {"bad input over an old file", half, "apply -k box given old.png", 1,
          "given: the PNG is truncated"},
         {"full device", "", "apply -k box in.png png:- > /dev/full", 1,
          "standard output: cannot be written: No space left on device"},
         {"closed standard output", "", "apply -k box in.png png:- >&-", 1,
          "standard output: cannot be written"},
         {"a reader that leaves", "", "apply -k box in.png npy:- > >(head -c 9 > /dev/null)", 1,
          "standard output: cannot be written: Broken pipe"},
         {"report on a full device", "", "apply --json -k box in.png old.png > /dev/full", 1,
          "standard output: cannot be written"},
         {"float into PNG", "", "apply -k box --depth f32 in.png old.png", 2,
          "f32 samples do not fit png"},
         {"five maps into one PNG", "", "apply -k box -k box -k box -k box -k box in.png old.png",
          2, "put {k} in the output's name"},
         {"16 bits into JPEG", "", "apply -k box --depth u16 in.png jpg:old.png", 2,
          "u16 samples do not fit jpeg"}});
}

TEST_CASE("bad inputs: a disk that fills up keeps the old file of every format") {
    const Shell shell;
    // A file system of its own takes root and a kernel that lets it be mounted.
    const std::string mounted = "mkdir -p disk; mount -t tmpfs -o size=24k none disk && ";
    if (shell.run("unshare -m bash -c '" + mounted + "true'") != 0) {
        MESSAGE("no file system could be mounted: skipped");
        return;
    }
    for (const std::string extension : {"png", "jpg", "tif", "bmp", "webp", "ppm", "npy"}) {
        CAPTURE(extension);
        const std::string output = "disk/o." + extension;
        CHECK(shell.run("export program; unshare -m bash -c '" + mounted + "{ printf old > " +
                        output + "; \"$program\" apply -q -k box --quality 100 in.png " + output +
                        "; echo $? > code; ls -A disk > names; cp " + output + " out; }'") == 0);
        CHECK(is_one_error_line(shell.error()));
        CHECK(shell.error().find("No space left on device") != std::string::npos);
        CHECK(read_bytes(shell.folder.file("code")) == "1\n");
        CHECK(read_bytes(shell.folder.file("names")) == "o." + extension + "\n");
        CHECK(shell.output() == "old");
    }
}
