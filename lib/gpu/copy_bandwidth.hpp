#pragma once

namespace conv::gpu {

/// A third C function that the module of a GPU backend exports (conv/backend.hpp), for the
/// benchmark alone: bytes a second, read and written, of copying within the memory of the device
/// called `device`, measured now. Throws Error{device} where it is not there.
using CopyBandwidth = double (*)(const char* device);
inline constexpr const char* kCopyBandwidth = "conv_copy_bandwidth";

}  // namespace conv::gpu
