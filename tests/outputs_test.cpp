#include <doctest/doctest.h>

#include <csignal>
#include <map>

#include "files/output/temporary_name.hpp"
#include "support/filtering.hpp"
#include "support/sanitized.hpp"
#include "support/shell.hpp"

using namespace conv;
using namespace conv::test;

namespace fs = std::filesystem;

namespace {

/// One command each that writes a file, up to the output's name; the file begins with `magic`.
struct Writer {
    std::string command, prefix, magic;
};

const std::vector<Writer> kWriters = {
    {"apply -k identity in.png", "png:", "\x89PNG"},
    {"kernel convert sobel --to plain", "", ""},
    {"kernel show sobel --image", "png:", "\x89PNG"},
    {"kernel list --gallery", "svg:", "<?xml"},
    {"explain -k '1 2' --input '1 2 3' --svg", "svg:", "<?xml"},
    {"compare -k '1 2 1' --methods naive --repeat 1 --warmup 1 in.png --plot", "svg:", "<?xml"},
    {"compare -k '1 2 1' --methods naive --repeat 1 --warmup 1 in.png --diff", "png:", "\x89PNG"},
};

/// The command line of a writer with its output.
std::string line(const Writer& writer, const std::string& output) {
    return "\"$program\" " + writer.command + " " + writer.prefix + output + " > /dev/null";
}

/// As another user where the test runs as root, to whom nothing is forbidden.
std::string as_user(const std::string& command) {
    if (geteuid() != 0) return command;
    return "setpriv --reuid=65534 --regid=65534 --clear-groups " + command;
}

/// Whether that user may read the program's modules; not where a checkout lies in root's own
/// folder.
bool user_reaches_program(const Shell& shell) {
    if (shell.run(as_user("test -r \"$(dirname \"$program\")/lib/conv-cli\"")) == 0) return true;
    MESSAGE("other users may not read this build: skipped");
    return false;
}

}  // namespace

TEST_CASE("outputs: every command's devices, pipes, links and descriptors stay what they are") {
    const Shell shell;
    for (const Writer& writer : kWriters) {
        CAPTURE(writer.command);
        CHECK(shell.run(line(writer, "/dev/null") + " && test -c /dev/null") == 0);
        CHECK(shell.run(
                  "rm -f pipe; mkfifo pipe; timeout 600 cat pipe > out & timeout 600 " +
                  line(writer, "pipe") +
                  "; code=$?; [ $code -eq 0 ] || kill $!; wait; test -p pipe && exit $code") == 0);
        CHECK(shell.output().starts_with(writer.magic));
        CHECK(!shell.output().empty());
        CHECK(shell.run("rm -f link to; ln -s to link; " + line(writer, "link") +
                        " && test -L link && cp to out") == 0);
        CHECK(shell.output().starts_with(writer.magic));
        CHECK(shell.run(line(writer, "/dev/fd/3") + " 3> out") == 0);
        CHECK(shell.output().starts_with(writer.magic));
        CHECK(shell.run("\"$program\" " + writer.command + " " + writer.prefix +
                        "/dev/stdout > out") == 0);
        CHECK(shell.output().find(writer.magic) != std::string::npos);
        CHECK(shell.run(line(writer, "/dev/full")) == 1);
        CHECK(is_one_error_line(shell.error()));
        CHECK(shell.run("mkdir -p folder; " + line(writer, "folder")) == 1);
        CHECK(is_one_error_line(shell.error()));
    }
    CHECK_FALSE(shell.has_temporary_file());
}

TEST_CASE("outputs: a read-only file is refused, as cp does") {
    const Shell shell;
    REQUIRE(shell.run("chmod 777 .; chmod 666 stderr") == 0);
    REQUIRE(shell.run(as_user("sh -c 'test $(id -u) != 0'")) == 0);
    if (!user_reaches_program(shell)) return;
    for (const Writer& writer : kWriters) {
        CAPTURE(writer.command);
        REQUIRE(shell.run("rm -f old; echo old > old; chmod 444 old") == 0);
        CHECK(shell.run(as_user(line(writer, "old"))) == 1);
        CHECK(is_one_error_line(shell.error()));
        CHECK(shell.error().find("must not be written by this user: Permission denied") !=
              std::string::npos);
        CHECK(read_bytes(shell.folder.file("old")) == "old\n");
    }
}

TEST_CASE("outputs: a file in a folder that takes no new one is copied over, and said to be") {
    const Shell shell;
    if (!user_reaches_program(shell)) return;
    REQUIRE(shell.run("chmod 755 .; mkdir place tmp; echo a long old file > place/o.png; cp "
                      "place/o.png long\n"
                      "head -c 300000 /dev/zero >> place/o.png\n"
                      "chmod 666 place/o.png; chmod 777 tmp; chmod 555 place") == 0);
    const std::string apply = "\"$program\" apply -k identity in.png place/o.png";
    CHECK(shell.run("export TMPDIR=$PWD/tmp; " + as_user(apply)) == 0);
    CHECK(shell.error() ==
          "conv-cli: note: place/o.png: is copied over in place, which is not atomic: its folder "
          "allows no rename\n");
    CHECK(difference(shell.picture("place/o.png"), shell.picture("in.png")) == 0);
    CHECK(shell.run("cp place/o.png before; export TMPDIR=$PWD/tmp; " +
                    as_user(apply + " --no-overwrite")) == 1);
    CHECK(shell.run("export TMPDIR=/nonexistent; " + as_user(apply)) == 1);
    CHECK(is_one_error_line(shell.error()));
    CHECK(shell.run("cmp before place/o.png") == 0);
    CHECK(shell.run("test -z \"$(ls -A tmp)\"; code=$?; chmod 755 place; exit $code") == 0);
}

TEST_CASE("outputs: of several that must not overwrite exactly one succeeds") {
    const Shell shell;
    for (int round = 0; round < 5; ++round) {
        CHECK(shell.run("rm -f o.png won; for i in 1 2 3 4; do\n"
                        "  (\"$program\" apply --no-overwrite -k identity in.png o.png 2>/dev/null "
                        "&& echo x >> won) &\ndone; wait; test $(wc -l < won) = 1") == 0);
        CHECK_FALSE(shell.has_temporary_file());
    }
}

TEST_CASE("outputs: FORMAT:PATH names the format of any path, ./FORMAT:PATH a file") {
    const Shell shell;
    CHECK(shell.run("\"$program\" apply -k identity in.png tif:plain") == 0);
    CHECK(read_image(shell.folder.file("plain")).format == "tiff");
    CHECK(shell.run("\"$program\" apply -k identity in.png ./tif:name.png") == 0);
    CHECK(read_image(shell.folder.file("tif:name.png")).format == "png");
    CHECK(shell.run("\"$program\" apply -k identity in.png xyz:name.png") == 0);
    CHECK(shell.run("\"$program\" apply -k identity in.png >(cat > sub); wait; sleep 0.2") == 0);
    CHECK(read_image(shell.folder.file("sub")).format == "png");
    CHECK(shell.run("\"$program\" apply -k identity in.png ppm:>(cat > sub); sleep 0.2") == 0);
    CHECK(shell.run("\"$program\" apply -k identity in.png ppm:/dev/fd/3 3> fd") == 0);
    CHECK(read_image(shell.folder.file("fd")).format == "pnm");
}

TEST_CASE("outputs: an unknown field in braces is refused") {
    const Shell shell;
    CHECK(shell.run("\"$program\" apply -k identity in.png 'x-{stem}.png'") == 2);
    CHECK(shell.error() ==
          "conv-cli: error: x-{stem}.png: the field {stem} is not known here, use {k} for maps and "
          "{page} for pages\n");
    CHECK(shell.run("\"$program\" apply -k identity in.png 'x-{page}.png'; test -e x-0.png") == 0);
}

TEST_CASE(
    "outputs: every signal that ends a process leaves nothing, and says so or ends by itself") {
    if (is_thread_sanitized()) return;  // it holds signals back until the pipe is open
    const Shell shell;
    // Held up by a pipe that nobody reads, with the other output pending.
    for (const auto& ending : std::map<std::string, int>{{"INT", 130},
                                                         {"TERM", 143},
                                                         {"HUP", 129},
                                                         {"QUIT", 1},
                                                         {"XCPU", 1},
                                                         {"ALRM", 1},
                                                         {"USR1", 1},
                                                         {"USR2", 1},
                                                         {"VTALRM", 1},
                                                         {"PROF", 1},
                                                         {"IO", 1},
                                                         {"PWR", 1},
                                                         {"STKFLT", 1},
                                                         {"RTMIN", 162},
                                                         {"ABRT", 134},
                                                         {"SEGV", 139},
                                                         {"BUS", 135},
                                                         {"SYS", 159}}) {
        const std::string& name = ending.first;
        const int code = ending.second;
        if (is_sanitized() && (name == "SEGV" || name == "BUS")) continue;
        CAPTURE(name);
        CHECK(shell.run("rm -f pipe-*; mkfifo pipe-1.ppm; echo old > pipe-0.ppm\n"
                        "set -m; \"$program\" apply -k identity -k identity in.png "
                        "'pipe-{k}.ppm' & job=$!\n"
                        "for i in $(seq 500); do ls .conv-cli-* >/dev/null 2>&1 && break; "
                        "sleep 0.01; done\n"
                        "kill -" +
                        name + " $job; wait $job") == code);
        if (code == 1) {
            CHECK(shell.error().find("conv-cli: error: ") != std::string::npos);
            CHECK(shell.error().find("SIG" + name) != std::string::npos);
        }
        CHECK_FALSE(shell.has_temporary_file());
        CHECK(read_bytes(shell.folder.file("pipe-0.ppm")) == "old\n");
    }
}

TEST_CASE("outputs: a file size limit and a full disk are one line") {
    if (is_thread_sanitized()) return;  // it writes a file of its own as it starts
    const Shell shell;
    CHECK(shell.run("(ulimit -f 0; \"$program\" apply -k identity in.png o.png) 2>&1 | cat > out; "
                    "exit ${PIPESTATUS[0]}") == 1);
    CHECK(is_one_error_line(shell.output()));
    CHECK(shell.output().find("File too large") != std::string::npos);
    CHECK_FALSE(shell.has_temporary_file());
    CHECK_FALSE(fs::exists(shell.folder.file("o.png")));
}

TEST_CASE("outputs: text into a reader that leaves ends quietly") {
    const Shell shell;
    for (const std::string caller : {"env --default-signal=PIPE", "env --ignore-signal=PIPE"}) {
        CAPTURE(caller);
        CHECK(shell.run(caller + " \"$program\" kernel show gaussian:sigma=40 | head -1 > out\n" +
                        "exit ${PIPESTATUS[0]}") == 141);
        CHECK(shell.error().empty());
    }
    CHECK(shell.run("\"$program\" kernel show gaussian:sigma=40 > /dev/full") == 1);
}

TEST_CASE("outputs: a report that cannot be written leaves the old picture") {
    const Shell shell;
    CHECK(shell.run("echo old > o.png; \"$program\" apply --json -k identity in.png o.png "
                    "> /dev/full") == 1);
    CHECK(is_one_error_line(shell.error()));
    CHECK(read_bytes(shell.folder.file("o.png")) == "old\n");
}

TEST_CASE("outputs: a temporary name tells its host and process") {
    const std::string name = make_temporary_name();
    CHECK(name != make_temporary_name());
    const auto owner = temporary_owner(name);
    REQUIRE(owner);
    CHECK(owner->process == getpid());
    CHECK(owner->host == this_temporary_owner().host);
    const auto other = temporary_owner(".conv-cli-my-host.org-123-0123456789abcdef.tmp");
    REQUIRE(other);
    CHECK(other->host == "my-host.org");
    CHECK(other->process == 123);
    for (const char* foreign : {"a.tmp", ".conv-cli-.tmp", ".conv-cli-0123456789abcdef.tmp",
                                ".conv-cli-host-x-0123456789abcdef.tmp"}) {
        CHECK_FALSE(temporary_owner(foreign));
    }
}

TEST_CASE("outputs: control characters of names never reach the terminal, C1 ones included") {
    const Shell shell;
    CHECK(shell.run(
              "\"$program\" apply -k identity $'\\xc2\\x9b2J\\x1b[m\\x9b\\xc3\\xa4.png' o.png") ==
          1);
    CHECK(shell.error() ==
          "conv-cli: error: ?2J?[m?\xc3\xa4.png: cannot be opened: No such file or "
          "directory\n");
    CHECK(shell.run("cp in.png $'\\xc2\\x9b.png'; \"$program\" apply --json -k identity "
                    "$'\\xc2\\x9b.png' o.png > out") == 0);
    CHECK(shell.output().find("\"\\u009b.png\"") != std::string::npos);
}
