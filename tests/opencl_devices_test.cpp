#include <doctest/doctest.h>

#include "support/shell.hpp"

using namespace conv::test;

TEST_CASE("opencl: all devices share the pictures of a batch, with the bytes of one") {
    const Shell shell;
    // PoCL makes two devices of the processor.
    const std::string two = "export POCL_DEVICES='pthread pthread' XDG_CACHE_HOME=$PWD\n";
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
