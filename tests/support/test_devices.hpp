#pragma once

#include "devices.hpp"

namespace conv::test {

/// The processor and every device that the backends of this build find, opened once.
const Devices& test_devices();

/// Whether a method of a device refuses everything here for lack of a library of others.
bool lacks_its_library(const Method& method);

/// "--require-device NAME" given to the test program: NAME must be among test_devices(). Prints
/// what is absent, and with it what is not tested; false when a required device is.
/// "--processor-alone": no other device is looked for.
bool check_required_devices(int argc, char** argv);

}  // namespace conv::test
