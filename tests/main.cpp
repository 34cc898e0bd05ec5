#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

#include "support/test_devices.hpp"

int main(int argc, char** argv) {
    // No profile that tune has kept for this user decides what auto takes.
    if (std::filesystem::exists(CONV_TEST_FOLDER)) {
        setenv("XDG_CACHE_HOME", CONV_TEST_FOLDER "/cache", 1);
    }
    doctest::Context context(argc, argv);
    const bool complete = context.shouldExit() || conv::test::check_required_devices(argc, argv);
    const int result = context.run();
    return complete ? result : 1;
}
