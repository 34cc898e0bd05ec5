#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/module.hpp"
#include "support/sanitized.hpp"
#include "support/shell.hpp"

using namespace conv::test;

namespace fs = std::filesystem;

namespace {

/// The program and its modules installed in the shell's folder, to be spoilt.
void install_program(const Shell& shell) {
    for (const char* part : {"program", "opencv"})
        REQUIRE(shell.run(install_command() + " \"$PWD\" --component " + part + " > out") == 0);
}

constexpr const char* kDraw = "bin/conv-cli kernel show sobel --image k.png > out";

}  // namespace

TEST_CASE("modules: the program is linked with neither OpenCV nor OpenBLAS") {
    const Shell shell;
    REQUIRE(shell.run("ldd \"$program\" > out") == 0);
    CHECK(shell.output().find("libc.so") != std::string::npos);
    for (const char* library : {"opencv", "blas", "lapack"}) {
        CAPTURE(std::string(library));
        CHECK(shell.output().find(library) == std::string::npos);
    }
}

TEST_CASE("modules: no run path has an element that is empty or relative") {
    const Shell shell;
    REQUIRE(shell.run("folder=$(dirname \"$program\")\n"
                      "readelf -d \"$program\" \"$folder\"/lib/conv-cli/*.so > out") == 0);
    CHECK(shell.output().find("(NEEDED)") != std::string::npos);
    CHECK(shell.run("grep -E 'R(UN)?PATH' out | grep -E '\\[(|[^/].*|.*:|.*:[^/].*)\\]'") == 1);
}

TEST_CASE("modules: what needs no product and no codec loads neither") {
    const Shell shell;
    REQUIRE(shell.run("\"$program\" apply -k identity in.png in.ppm") == 0);
    for (const std::string arguments :
         {"--version", "--help", "kernel list", "apply -k sharpen --method direct in.ppm o.ppm",
          "apply -k sharpen --method direct in.png o.jpg",
          "apply -k gaussian --method separable in.ppm o.npy", "apply -k sharpen in.ppm o.ppm",
          "apply -k gaussian:sigma=3 in.ppm o.npy"}) {
        CAPTURE(arguments);
        REQUIRE(shell.run("LD_DEBUG=files LD_DEBUG_OUTPUT=loaded \"$program\" " + arguments +
                          " > /dev/null && cat loaded.* > out && rm loaded.*") == 0);
        CHECK(shell.output().find("libc.so") != std::string::npos);
        CHECK(shell.output().find("opencv") == std::string::npos);
        CHECK(shell.output().find("openblas") == std::string::npos);
    }
    REQUIRE(shell.run("LD_DEBUG=files LD_DEBUG_OUTPUT=loaded \"$program\" apply -k sharpen "
                      "--method im2col in.ppm o.ppm && cat loaded.* > out") == 0);
    CHECK(shell.output().find("openblas") != std::string::npos);
}

TEST_CASE("modules: nothing is loaded from the current folder") {
    const Shell shell;
    CHECK(shell.run("for name in libfmt.so.9 libtbb.so.12 conv_opencv.so; do echo x > $name; done\n"
                    "mkdir -p lib/conv-cli && cp conv_opencv.so lib/conv-cli\n"
                    "\"$program\" kernel show sobel --image k.png > out") == 0);
    CHECK(shell.error().empty());
}

TEST_CASE(
    "modules: they lie in one folder, fixed at build or installation, wherever the program is") {
    const Shell shell;
    const std::string built =
        fs::path(program_path()).parent_path() / "lib/conv-cli/conv_opencv.so";
    CHECK(conv::find_module("conv_opencv.so") == built);
    // A copy of the built program beside modules of its own.
    REQUIRE(shell.run("mkdir -p bin lib/conv-cli && cp \"$program\" bin/\n"
                      "echo x | tee lib/conv-cli/conv_opencv.so > bin/conv_opencv.so\n"
                      "LD_DEBUG=files LD_DEBUG_OUTPUT=loaded " +
                      std::string(kDraw) + " && cat loaded.* > out") == 0);
    CHECK(shell.output().find(built) != std::string::npos);
    CHECK(shell.output().find(shell.folder.file("lib")) == std::string::npos);
    // An installed one that is copied or moved away.
    const Shell other;
    install_program(shell);
    CHECK(shell.run(std::string("cp bin/conv-cli '") + other.folder.file("") + "' && " + kDraw) ==
          0);
    const std::string draw = "./conv-cli kernel show sobel --image k.png > out";
    CHECK(other.run("mkdir -p lib/conv-cli; echo x > lib/conv-cli/conv_opencv.so; " + draw) == 0);
    CHECK(shell.run("rm -r lib") == 0);
    CHECK(other.run(draw) == 1);
    CHECK(is_one_error_line(other.error()));
    CHECK(other.error().find("conv_opencv.so is not in " + shell.folder.file("lib/conv-cli")) !=
          std::string::npos);
}

TEST_CASE("modules: a file or folder that others can write, or own, is not trusted") {
    const TemporaryFolder folder;
    const std::string file = folder.file("module.so");
    write_bytes(file, "x");
    chmod(file.c_str(), 0755);
    CHECK(conv::distrust(file).empty());
    chmod(file.c_str(), 0757);
    CHECK(conv::distrust(file) == file + " can be written by others, use chmod go-w");
    chmod(file.c_str(), 0755);
    chmod(folder.file("").c_str(), 0777);
    CHECK(conv::distrust(file).find("can be written by others") != std::string::npos);
    chmod(folder.file("").c_str(), 0700);
    CHECK(conv::distrust(folder.file("none.so")).find("cannot be examined") != std::string::npos);
    const TemporaryFolder links;  // a link is as good as what it leads to
    fs::create_symlink(file, links.file("link.so"));
    chmod(file.c_str(), 0722);
    CHECK(conv::distrust(links.file("link.so")).find(file) == 0);
    if (geteuid() != 0) return;  // only root gives files away
    chmod(file.c_str(), 0755);
    REQUIRE(chown(file.c_str(), 12345, 0) == 0);
    CHECK(conv::distrust(file) == file + " belongs to another user (number 12345)");
    REQUIRE(chown(file.c_str(), 0, 12345) == 0);
    CHECK(conv::distrust(file).empty());
    chmod(file.c_str(), 0775);
    CHECK(conv::distrust(file).find("can be written by others") != std::string::npos);
}

TEST_CASE("modules: one that is not trusted, missing or of another build is refused by name") {
    const Shell shell;
    install_program(shell);
    CHECK(shell.run(kDraw) == 0);
    CHECK(shell.run(std::string("rm k.png; chmod o+w lib/conv-cli/conv_opencv.so; ") + kDraw) == 1);
    CHECK(is_one_error_line(shell.error()));
    CHECK(shell.error().find("lib/conv-cli/conv_opencv.so can be written by others") !=
          std::string::npos);
    CHECK(shell.run("cp lib/conv-cli/conv_openblas.so lib/conv-cli/conv_opencv.so\n"
                    "chmod 755 lib/conv-cli/conv_opencv.so\n" +
                    std::string(kDraw)) == 1);
    CHECK(is_one_error_line(shell.error()));
    CHECK(shell.error().find("belongs to another build") != std::string::npos);
    CHECK(shell.run(std::string("rm lib/conv-cli/conv_opencv.so; ") + kDraw) == 1);
    CHECK(is_one_error_line(shell.error()));
    CHECK(shell.error().find("conv_opencv.so is not in " + shell.folder.file("lib/conv-cli")) !=
          std::string::npos);
    CHECK(shell.run("bin/conv-cli devices > out && grep 'OpenCV.*absent' out > /dev/null") == 0);
    CHECK_FALSE(fs::exists(shell.folder.file("k.png")));
}

TEST_CASE("modules: kept device programs are the user's own, and others are refused by name") {
    const Shell shell;
    const std::string run =
        "XDG_CACHE_HOME=$PWD/cache \"$program\" apply --device opencl -k sharpen in.png o.png";
    if (shell.run(run) != 0) {
        MESSAGE("no OpenCL device: skipped, " << shell.error());
        return;
    }
    CHECK(shell.run("cd cache/conv-cli && test \"$(stat -c %a . *)\" = $'700\\n600'") == 0);
    CHECK(shell.run(run) == 0);
    CHECK(shell.run("for f in cache/conv-cli/*; do echo damaged > $f; done; " + run) == 0);
    CHECK(shell.run("chmod o+w cache/conv-cli/*; " + run) == 1);
    CHECK(is_one_error_line(shell.error()));
    CHECK(shell.error().find("the cached device program") != std::string::npos);
    CHECK(shell.error().find(".bin can be written by others") != std::string::npos);
    CHECK(shell.run("chmod 600 cache/conv-cli/*; chmod 777 cache/conv-cli; " + run) == 1);
    CHECK(shell.error().find("conv-cli can be written by others") != std::string::npos);
}

TEST_CASE("modules: a library that fails while it is loaded is one line, and nothing stays") {
    const Shell shell;
    CHECK(shell.run("OPENCV_IO_MAX_IMAGE_PIXELS=abc \"$program\" kernel show sobel --image k.png "
                    "> out") == 1);
    CHECK(is_one_error_line(shell.error()));
    CHECK(shell.error().find("OPENCV_IO_MAX_IMAGE_PIXELS is 'abc'") != std::string::npos);
    CHECK_FALSE(shell.has_temporary_file());
    CHECK_FALSE(fs::exists(shell.folder.file("k.png")));
}

TEST_CASE(
    "modules: with little address space, processes, files or stack the work is done or is one "
    "line") {
    if (is_sanitized()) return;  // its shadow takes more than any of these limits
    const Shell shell;
    REQUIRE(shell.run("\"$program\" apply -k identity in.png in.ppm") == 0);
    CHECK(shell.run("(ulimit -v 300000; \"$program\" --version > out)") == 0);
    for (const std::string limit :
         {"-v 200000", "-v 300000", "-v 600000", "-d 100000", "-n 5", "-s 64"}) {
        for (const std::string command : {"kernel show sobel --image k.png > out",
                                          "apply -k sharpen --method gemm --threads 2 in.ppm o.ppm",
                                          "apply -k sharpen --method direct in.ppm o.ppm"}) {
            CAPTURE(limit);
            CAPTURE(command);
            const int code =
                shell.run("(ulimit " + limit + "; timeout 20 \"$program\" " + command + ")");
            CHECK((code == 0 || (code == 1 && is_one_error_line(shell.error()))));
            CAPTURE(shell.error());
            CHECK_FALSE(shell.has_temporary_file());
        }
    }
}
