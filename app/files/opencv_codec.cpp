#include "files/opencv_codec.hpp"

#include <limits>

#include "files/codec_messages.hpp"
#include "files/pixel_rows.hpp"
#include "modules/opencv_functions.hpp"

namespace conv {
namespace {

/// What is left of a codec's last line without the places in OpenCV's source that it names.
std::string said_last(const std::string& text) {
    std::string line = last_line(text);
    for (const std::string_view before : {"can't read data: ", "can't read header: ", "error) "}) {
        const std::size_t at = line.find(before);
        if (at != line.npos) line.erase(0, at + before.size());
    }
    return line.substr(0, line.find(" in function '"));
}

}  // namespace

DecodedPicture decode_with_opencv(const FileInput& input) {
    const ByteView bytes = input.bytes.view();
    if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
        fail(ErrorKind::unsupported,
             "{}: is larger than 2 GiB, which only .npy, PNM and TIFF may be", input.name);
    }
    DecodedPicture result;
    const OpencvFunctions& codecs = opencv();
    CodecMessages collected;
    OpencvPicture decoded = codecs.decode(bytes, input.name);
    result.messages = collected.finish();
    if (decoded.reason == kCodecMemory) {
        fail(ErrorKind::memory, "{}: not enough memory to decode it", input.name);
    }
    if (!decoded.picture.samples || !decoded.reason.empty()) {
        const std::string said =
            said_last(decoded.reason.empty() ? result.messages : decoded.reason);
        fail(ErrorKind::input, "{}: cannot be decoded, the file is damaged{}{}", input.name,
             said.empty() ? "" : ": ", said);
    }
    result.picture = std::move(decoded.picture);
    if (result.picture.shape.C >= 3) swap_red_and_blue(result.picture);
    return result;
}

std::vector<std::uint8_t> encode_with_opencv(Image picture, const std::string& extension,
                                             const std::vector<int>& parameters) {
    const OpencvFunctions& codecs = opencv();
    picture = owned_interleaved(std::move(picture));
    if (picture.shape.C >= 3) swap_red_and_blue(picture);
    std::vector<std::uint8_t> bytes;
    CodecMessages collected;
    const std::string reason = codecs.encode(picture, extension, parameters, bytes);
    const std::string messages = collected.finish();
    if (reason == kCodecMemory) {
        fail(ErrorKind::memory, "not enough memory to encode {}", extension);
    }
    if (!reason.empty()) {
        fail(ErrorKind::input, "the picture cannot be encoded as {}: {}", extension,
             said_last(reason == kCodecFailed && !messages.empty() ? messages : reason));
    }
    return bytes;
}

std::string opencv_version() {
    return opencv().version();
}

}  // namespace conv
