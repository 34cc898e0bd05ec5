#include <doctest/doctest.h>

#include "support/sanitized.hpp"
#include "support/shell.hpp"

using namespace conv::test;

namespace fs = std::filesystem;

namespace {

/// Calls that fail from the n-th on: of a device that is full, and of one that is lost.
constexpr const char* kFailures[] = {"clCreateContext:1",      "clCreateBuffer:5",
                                     "clEnqueueMapBuffer:2",   "clBuildProgram:1",
                                     "clEnqueueWriteBuffer:3", "clEnqueueNDRangeKernel:1",
                                     "clWaitForEvents:1",      "clFinish:1"};
constexpr const char* kOutOfResources = "-5";
constexpr const char* kNotAvailable = "-2";

std::string failing(const std::string& failure, const std::string& code) {
    return "export CONV_FAILING_OPENCL=" + failure + ":" + code + " LD_PRELOAD='" +
           failing_opencl_path() + "'\n";
}

}  // namespace

TEST_CASE("opencl: a device that is full or lost is one error line, and the old output stays") {
    if (is_sanitized()) return;  // a sanitizer wants to be loaded first
    const Shell shell;
    const std::string run =
        "timeout 600 \"$program\" apply --device opencl --method direct -k sharpen in.png o.png";
    if (shell.run(run) != 0) {
        MESSAGE("no OpenCL device: skipped, " << shell.error());
        return;
    }
    REQUIRE(shell.run("echo old > o.png") == 0);
    for (const std::string failure : kFailures) {
        // Each call fails in one of both ways.
        for (const std::string code : {failure.size() % 2 == 0 ? kOutOfResources : kNotAvailable}) {
            CAPTURE(failure);
            CAPTURE(code);
            CHECK(shell.run(failing(failure, code) + run) == 1);
            CAPTURE(shell.error());
            CHECK(is_one_error_line(shell.error()));
            CHECK(shell.error().find("--device cpu") != std::string::npos);
            CHECK(shell.run("test \"$(cat o.png)\" = old") == 0);
            CHECK_FALSE(shell.has_temporary_file());
        }
    }
}

TEST_CASE(
    "opencl: pictures of a batch that were done before the device was lost stay, others are "
    "named") {
    if (is_sanitized()) return;  // a sanitizer wants to be loaded first
    const Shell shell;
    REQUIRE(shell.run("for i in 1 2 3 4; do cp in.png $i.png; done") == 0);
    const std::string run =
        "timeout 600 \"$program\" batch --device opencl --method direct -k sharpen --threads 1 "
        "-o 'out/{name}' 1.png 2.png 3.png 4.png";
    if (shell.run(run) != 0) {
        MESSAGE("no OpenCL device: skipped, " << shell.error());
        return;
    }
    // Each picture uploads weights, bias and one or more strips.
    CHECK(shell.run("rm -r out\n" + failing("clEnqueueWriteBuffer:8", kNotAvailable) + run) == 1);
    CAPTURE(shell.error());
    CHECK(fs::exists(shell.folder.file("out/1.png")));
    CHECK_FALSE(fs::exists(shell.folder.file("out/4.png")));
    CHECK(shell.error().find("4.png") != std::string::npos);
    CHECK(shell.run("ls -A out | grep -v png") == 0);  // the manifest, and nothing begun
    CHECK(shell.run("ls -A out | grep conv-cli-[0-9a-zA-Z]*[.]tmp") == 1);
}
