#include <doctest/doctest.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>

#include "support/command_line.hpp"
#include "support/filtering.hpp"
#include "support/sanitized.hpp"
#include "support/shell.hpp"

using namespace conv;
using namespace conv::test;

extern char** environ;

namespace {

const std::string kProgram = conv::test::program_path();

/// Starts a program with its standard output and error going nowhere.
pid_t start(std::vector<std::string> arguments) {
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t child = -1;
    const int failed = posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    REQUIRE(failed == 0);
    return child;
}

}  // namespace

TEST_CASE("process: exit codes are 0, 1 for a failure and 2 for wrong usage") {
    const Shell shell;
    CHECK(shell.run("\"$program\" apply -k identity in.png out.png") == 0);
    CHECK(shell.error().empty());
    CHECK(shell.run("\"$program\" apply -k identity missing.png out.png") == 1);
    CHECK(shell.error() ==
          "conv-cli: error: missing.png: cannot be opened: No such file or directory\n");
    CHECK(shell.run("\"$program\" apply -k identity --stride 0 in.png out.png") == 2);
    CHECK(shell.run("\"$program\"") == 2);
    CHECK(shell.run("\"$program\" --version > version") == 0);
}

TEST_CASE("process: pictures come from and go to pipes") {
    const Shell shell;
    const Image original = shell.picture("in.png");
    CHECK(shell.run("cat in.png | \"$program\" apply -k identity - - > out.png") == 0);
    CHECK(difference(shell.picture("out.png"), original) == 0);
    // A bare - writes the input's format; a named one its own.
    CHECK(shell.run("\"$program\" apply -k identity in.png tiff:- > out.tif") == 0);
    CHECK(read_image(shell.folder.file("out.tif")).format == "tiff");
    CHECK(difference(shell.picture("out.tif"), original) == 0);
    CHECK(shell.run("\"$program\" apply -k identity in.png ppm:- | "
                    "\"$program\" apply -k identity pnm:- png:- > again.png") == 0);
    CHECK(difference(shell.picture("again.png"), original) == 0);
    if (std::filesystem::exists("/dev/fd")) {  // not without /proc
        CHECK(shell.run("\"$program\" apply -k identity <(cat in.png) /dev/stdout > fd.png") == 0);
        CHECK(difference(shell.picture("fd.png"), original) == 0);
    }
    CHECK(shell.run("cat in.png | \"$program\" apply -k identity tiff:- out2.png") == 1);
    check_contains(shell.error(), "standard input: is not in the stated format tiff");
    CHECK(shell.run("head -c 3000 in.png | \"$program\" apply -k identity - out2.png") == 1);
    CHECK_FALSE(std::filesystem::exists(shell.folder.file("out2.png")));
    CHECK(shell.run("\"$program\" apply -k identity - out2.png") == 1);
    check_contains(shell.error(), "standard input: is empty");
}

TEST_CASE("process: a kernel comes from standard input, and JSON goes to standard output") {
    const Shell shell;
    CHECK(shell.run("echo '0 2 0' | \"$program\" apply -k - --json in.png out.tif > report") == 0);
    CHECK(read_bytes(shell.folder.file("report")).starts_with("{"));
    CHECK(shell.error().empty() == false);  // most pixels of twice the picture are lost
    CHECK(shell.run("echo '1 x' | \"$program\" apply -k - in.png out.tif") == 2);
    check_contains(shell.error(), "standard input:1:3: 'x' is not a number");
}

TEST_CASE("process: a full disk and a reader that leaves are errors, not silence") {
    const Shell shell;
    for (const char* command :
         {"\"$program\" apply -k identity in.png - > /dev/full",
          "\"$program\" apply -k identity in.png npy:- > /dev/full",
          "\"$program\" kernel list > /dev/full", "\"$program\" --help > /dev/full",
          "\"$program\" apply -k identity in.png - >&-"}) {
        CAPTURE(std::string(command));
        CHECK(shell.run(command) == 1);
        check_contains(shell.error(), "conv-cli: error: standard output: cannot be written");
    }
    CHECK(shell.run("(\"$program\" apply -k identity in.png npy:-; echo $? > code) | head -c 9 "
                    ">/dev/null") == 0);
    CHECK(read_bytes(shell.folder.file("code")) == "1\n");
    check_contains(shell.error(), "cannot be written: Broken pipe");
}

TEST_CASE("process: SIGTERM, SIGINT and SIGHUP leave no temporary file and the old output") {
    if (is_thread_sanitized()) return;  // it holds signals back until the file is written
    // Noise that takes long to compress, so that the signal comes while the file is written.
    const Shell shell;
    Image noise = Image::interleaved(SampleType::u8, 3, 1500, 2000);
    std::uint32_t state = 1;
    for (std::int64_t i = 0; i < 3 * 1500 * 2000; ++i) {
        state = state * 1664525U + 1013904223U;
        noise.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(state >> 28);
    }
    write_image(shell.folder.file("noise.ppm"), document_of(noise, "pnm"));
    write_bytes(shell.folder.file("old.png"), "old");
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        const pid_t child =
            start({program_path(), "apply", "-k", "identity", "--png-compression", "9",
                   shell.folder.file("noise.ppm"), shell.folder.file("old.png")});
        bool seen = false;
        constexpr auto kLongest = std::chrono::seconds(60);
        const auto begin = std::chrono::steady_clock::now();
        while (!seen && std::chrono::steady_clock::now() - begin < kLongest &&
               waitpid(child, nullptr, WNOHANG) == 0) {
            seen = shell.has_temporary_file();
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        REQUIRE(seen);
        kill(child, signal);
        int status = 0;
        REQUIRE(waitpid(child, &status, 0) == child);
        CAPTURE(signal);
        CHECK(WIFSIGNALED(status));
        CHECK(WTERMSIG(status) == signal);
        CHECK_FALSE(shell.has_temporary_file());
        CHECK(read_bytes(shell.folder.file("old.png")) == "old");
    }
}

TEST_CASE(
    "process: a backend's module of another build is refused with that reason, never opened") {
    const Shell shell;
    REQUIRE(shell.run(install_command() + " \"$PWD\" --component program > out") == 0);
    std::filesystem::copy_file(foreign_backend_path(),
                               shell.folder.file("lib/conv-cli/conv_cuda.so"),
                               std::filesystem::copy_options::overwrite_existing);
    CHECK(shell.run("bin/conv-cli devices > out") == 0);
    const std::string out = read_bytes(shell.folder.file("out"));
    check_contains(out, "conv_cuda.so belongs to another build of conv-cli");
    check_contains(out, "install both together");
    CHECK(shell.run("bin/conv-cli apply --device cuda -k '1 2 1' in.png out.png") == 1);
    check_contains(shell.error(), "belongs to another build");
}

TEST_CASE("process: a picture that breaks off in a pipe leaves the old output") {
    const Shell shell;
    write_bytes(shell.folder.file("in.pgm"), "P5\n400 3000\n255\n" + std::string(400 * 3000, 'x'));
    CHECK(shell.run("echo old > out.pgm; head -c 1199999 in.pgm | "
                    "\"$program\" apply -k box:size=5 - out.pgm") == 1);
    CHECK(is_one_error_line(shell.error()));
    check_contains(shell.error(), "truncated");
    CHECK(read_bytes(shell.folder.file("out.pgm")) == "old\n");
    CHECK_FALSE(shell.has_temporary_file());
}

TEST_CASE("process: rows go to a pipe as they come, and --spool holds them back") {
    const Shell shell;
    write_bytes(shell.folder.file("in.pgm"), "P5\n400 3000\n255\n" + std::string(400 * 3000, 'x'));
    const std::string cut = "head -c 1199999 in.pgm | \"$program\" apply -k box:size=5 ";
    CHECK(shell.run("set -o pipefail; " + cut + "- - | cat > cut.pgm") == 1);
    CHECK(is_one_error_line(shell.error()));
    const std::string rows = read_bytes(shell.folder.file("cut.pgm"));
    CHECK(rows.starts_with("P5\n400 3000\n255\nxxxxx"));
    CHECK(rows.size() < 1200016);
    CHECK(shell.run("set -o pipefail; " + cut + "--spool - - | cat > cut.pgm") == 1);
    CHECK(read_bytes(shell.folder.file("cut.pgm")).empty());
    CHECK(shell.run("cat in.pgm | \"$program\" apply -k box:size=5 --spool - - | cmp in.pgm") == 0);
    CHECK(shell.run("cat in.pgm | \"$program\" apply -k box:size=5 - - | cmp in.pgm") == 0);
}

TEST_CASE("process: an array goes through pipes, and one of several planes too") {
    const Shell shell;
    CHECK(shell.run("\"$program\" apply -k sharpen --depth u8 in.png planes.npy && "
                    "cat planes.npy | \"$program\" apply -k identity - - | cmp planes.npy") == 0);
}

TEST_CASE("process: a tall picture is filtered in less memory than it has") {
    const Shell shell;
    const std::string tall =
        "{ printf 'P5\\n200 300000\\n255\\n'; head -c 60000000 /dev/zero; } 2>&-";
    for (const std::string options : {"", "--threads 1", "--border reflect --stride 2"}) {
        CAPTURE(options);
        CHECK(shell.run(tall + " | \"$program\" apply --json -k box:size=15 --max-memory 100M " +
                        options + " - out.pgm > report.json") == 0);
        CAPTURE(shell.error());
        const auto report = nlohmann::json::parse(read_bytes(shell.folder.file("report.json")));
        CHECK(report["peak_memory_bytes"] > 0);
        CHECK(report["peak_memory_bytes"] <= 100 << 20);
    }
    CHECK(shell.run("echo old > out.pgm; " + tall +
                    " | \"$program\" apply -k box:size=15 --max-memory 6M - out.pgm") == 1);
    CHECK(is_one_error_line(shell.error()));
    check_contains(shell.error(), "--max-memory is 6");
    CHECK(read_bytes(shell.folder.file("out.pgm")) == "old\n");
}

TEST_CASE("process: codecs of whole pictures keep --max-memory, or refuse and leave nothing") {
    if (is_sanitized()) return;  // what it takes for itself counts too
    struct Case {
        std::string codec, output;
        int mega, code;
    };
    const Shell shell;
    for (const Case& c : {Case{"auto", "out.webp", 32, 1}, Case{"auto", "out.webp", 96, 0},
                          Case{"opencv", "out.png", 64, 1}, Case{"opencv", "out.webp", 96, 1},
                          Case{"opencv", "out.png", 128, 0}}) {
        CAPTURE(c.codec);
        CAPTURE(c.output);
        CAPTURE(c.mega);
        const std::string options = "--codec " + c.codec + " --max-memory " +
                                    std::to_string(c.mega) + "M -k sharpen in.png " + c.output;
        CHECK(shell.run("\"$program\" apply --json " + options + " > report.json") == c.code);
        CHECK(std::filesystem::exists(shell.folder.file(c.output)) == (c.code == 0));
        if (c.code == 0) {
            const auto report = nlohmann::json::parse(read_bytes(shell.folder.file("report.json")));
            CHECK(report["peak_memory_bytes"] > 0);
            CHECK(report["peak_memory_bytes"] <= std::int64_t{c.mega} << 20);
        } else {
            CHECK(is_one_error_line(shell.error()));
            check_contains(shell.error(), "--max-memory");
        }
        std::filesystem::remove(shell.folder.file(c.output));
    }
}
