#include <doctest/doctest.h>

#include "support/shell.hpp"

using namespace conv::test;

TEST_CASE("opencl: all devices share the pictures of a batch, with the bytes of one") {
    const Shell shell;
    // PoCL makes two devices of the processor.
    const std::string two = "export POCL_DEVICES='pthread pthread'\n";
    if (shell.run(two + "\"$program\" devices > out && grep -q opencl:1 out") != 0) {
        MESSAGE("no two OpenCL devices: skipped");
        return;
    }
    REQUIRE(shell.run("for i in 1 2 3 4; do cp in.png $i.png; done") == 0);
    const std::string batch = "\"$program\" batch -q --method igemm -k sharpen --threads 2 ?.png ";
    CHECK(shell.run(two + batch + "--device opencl:0 -o 'one/{name}'") == 0);
    CHECK(shell.run(two + batch + "--device opencl:all -o 'all/{name}'") == 0);
    CHECK(shell.run("for i in 1 2 3 4; do cmp one/$i.png all/$i.png || exit 1; done") == 0);
    // One picture, by rows: its bands too.
    CHECK(shell.run(two + "\"$program\" apply -v --device opencl:all --method igemm -k sharpen "
                          "--threads 2 in.png all.png && cmp all.png one/1.png") == 0);
    CHECK(shell.error().find("device: opencl:all, 2 devices") != std::string::npos);
}

TEST_CASE(
    "opencl: all devices where there is none, or one, is no other thing than --device opencl") {
    const Shell shell;
    const std::string all = "\"$program\" apply --device opencl:all -k sharpen in.png o.png";
    CHECK(shell.run("OCL_ICD_VENDORS=/nowhere " + all) == 1);
    CHECK(is_one_error_line(shell.error()));
    CHECK(shell.error().find("--device opencl:all is not there") != std::string::npos);
}

TEST_CASE(
    "opencl: a picture larger than the device's memory goes through in bands, the same bytes") {
    const Shell shell;
    const std::string run = "\"$program\" apply --device opencl -k gaussian:sigma=2 ";
    if (shell.run(run + "--method direct in.png whole.png") != 0) {
        MESSAGE("no OpenCL device: skipped, " << shell.error());
        return;
    }
    // in.png has 640 x 480 x 3 samples, 900 KiB; results take as much again.
    const std::string small =
        "export CONV_OPENCL_MEMORY=400000 LD_PRELOAD='" + failing_opencl_path() + "'\n";
    CHECK(shell.run(small + run + "--method direct in.png bands.png") == 0);
    CAPTURE(shell.error());
    CHECK(shell.run("cmp whole.png bands.png") == 0);
    // Less than one band.
    CHECK(shell.run("export CONV_OPENCL_MEMORY=4000 LD_PRELOAD='" + failing_opencl_path() + "'\n" +
                    run + "--method direct in.png none.png") == 1);
    CHECK(is_one_error_line(shell.error()));
    CHECK(shell.error().find("not enough memory") != std::string::npos);
}
