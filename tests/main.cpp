#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "support/test_devices.hpp"

int main(int argc, char** argv) {
    doctest::Context context(argc, argv);
    const bool complete = context.shouldExit() || conv::testing::check_required_devices(argc, argv);
    const int result = context.run();
    return complete ? result : 1;
}
