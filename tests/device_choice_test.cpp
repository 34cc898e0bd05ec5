#include <doctest/doctest.h>

#include "base/error.hpp"
#include "options/device_choice.hpp"
#include "support/test_devices.hpp"

using namespace conv;

TEST_CASE("device: a missing one is an error that lists what is there") {
    CHECK_THROWS_WITH_AS(DeviceChoice("opencl:999"), doctest::Contains("use one of cpu"), Error);
    try {
        const DeviceChoice choice("cuda:999");
        FAIL("cuda:999 was found");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::device);
    }
}

TEST_CASE("device: a word that names none is a usage error") {
    for (const char* word :
         {"gpu", "opencl:", "opencl:x", "opencl:-1", "cuda:0:1", "cpu:all", "opencl:al", ""}) {
        CAPTURE(word);
        try {
            const DeviceChoice choice(word);
            FAIL("the word was taken");
        } catch (const Error& error) {
            CHECK(error.kind() == ErrorKind::usage);
        }
    }
}

TEST_CASE("device: cpu loads no backend, auto takes all") {
    CHECK(DeviceChoice("cpu").devices().size() == 1);
    const DeviceChoice all("auto");
    CHECK(all.devices().size() == conv::test::test_devices().found.size());
    CHECK(all.devices().front().name == "cpu");
    CHECK((all.devices().size() == 1) == !all.note().empty());
}
