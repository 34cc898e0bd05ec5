#pragma once

#include "gpu/device_method.hpp"
#include "gpu/digits.hpp"

namespace conv::gpu {

/// Makes strips of a kernel cut into digits, once those are on the device. The strips' floats are
/// the digits' sums, one plane for each digit of each map; their bytes are rounded on the device,
/// one plane for each map.
using DigitUpload = std::function<StripMaker(const Digits& digits)>;

/// `igemm` on a device: 8-bit samples and kernels of whole numbers give the bytes of the
/// processor's method of that name. The sums are those of `direct`, float32 of whole numbers so
/// small that they are exact (gpu/digits.hpp).
Method make_whole_method(const DeviceTraits& device, const DigitUpload& upload);

}  // namespace conv::gpu
