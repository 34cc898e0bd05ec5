#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "files/file_format.hpp"

namespace conv {

struct DecodedPicture {
    Image picture;         ///< R, G, B order; a fourth channel is alpha
    std::string messages;  ///< what the codec wrote to standard error
};

/// Decodes the first picture of a file whose header has been checked. Throws Error{input} with the
/// codec's last words, Error{memory} when memory runs out.
DecodedPicture decode_with_opencv(const FileInput& input);

/// Encodes a picture as the format of `extension` (".png"). The samples are brought into OpenCV's
/// channel order in place where nobody else holds them.
std::vector<std::uint8_t> encode_with_opencv(Image picture, const std::string& extension,
                                             const std::vector<int>& parameters);

/// Of the OpenCV that is loaded, as "4.6.0".
std::string opencv_version();

}  // namespace conv
