#pragma once

/// The version of the library and of conv-cli; the build reads it from here.
#define CONV_VERSION_MAJOR 0
#define CONV_VERSION_MINOR 2
#define CONV_VERSION_PATCH 0
#define CONV_VERSION_TEXT "0.2.0"
/// For comparisons in #if: 200 is 0.2.0, 10203 is 1.2.3.
#define CONV_VERSION_NUMBER \
    (CONV_VERSION_MAJOR * 10000 + CONV_VERSION_MINOR * 100 + CONV_VERSION_PATCH)
