#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tensor/image.hpp"

namespace conv {

class Canvas;

/// A picture in OpenCV's own order of channels (B, G, R, A), or why there is none.
struct OpencvPicture {
    Image picture;
    std::string reason;  ///< the codec's last words; empty where it said none
};

/// What the program asks of OpenCV: the module conv_opencv.so, opened when one of its formats or a
/// drawing of pixels is met. Its functions take and give types of this build alone.
struct OpencvFunctions {
    /// The first picture of a file, with null samples where it failed; `reason` may be set beside a
    /// picture. Throws Error{unsupported} for samples of another type than u8, u16 and f32.
    OpencvPicture (*decode)(std::span<const std::uint8_t> file, const std::string& name);
    /// Encodes interleaved samples in OpenCV's order as the format of `extension` (".png"). Returns
    /// why it failed, or nothing.
    std::string (*encode)(const Image& picture, const std::string& extension,
                          const std::vector<int>& parameters, std::vector<std::uint8_t>& bytes);
    std::unique_ptr<Canvas> (*make_raster_canvas)(double width, double height);
    std::string (*version)();
};

/// What `reason` of a codec says when memory ran out, and when it gave none.
inline constexpr const char* kCodecMemory = "not enough memory";
inline constexpr const char* kCodecFailed = "the codec failed";

/// The module's functions; the first call loads it, with OpenCV and all that this needs. Throws
/// Error{device} where that fails, Error{memory} where it would not fit the address space.
const OpencvFunctions& opencv();

}  // namespace conv
