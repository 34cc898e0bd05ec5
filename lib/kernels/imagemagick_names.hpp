#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kernels/kernel.hpp"

namespace conv {

/// The arguments of an ImageMagick kernel name, `rho x sigma + xi`; 0 where absent.
struct ImageMagickArguments {
    double rho = 0, sigma = 0, xi = 0;
};

/// A kernel that ImageMagick knows by name: how to make its numbers, or why it is refused.
struct ImageMagickName {
    std::string_view name;  ///< lower case; ImageMagick ignores the case
    Kernel (*make)(const ImageMagickArguments&);
    const char* instead;  ///< where make is null: what to use, for the message
};

/// The entry for a name in any case; null where ImageMagick knows none.
const ImageMagickName* find_imagemagick_name(std::string_view name);

}  // namespace conv
