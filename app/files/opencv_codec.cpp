#include "files/opencv_codec.hpp"

#include <cstdlib>
#include <limits>
#include <memory>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "base/size.hpp"
#include "files/codec_messages.hpp"
#include "files/pixel_rows.hpp"

namespace conv {
namespace {

struct Depth {
    SampleType type;
    int opencv;
};
constexpr Depth kDepths[] = {
    {SampleType::u8, CV_8U}, {SampleType::u16, CV_16U}, {SampleType::f32, CV_32F}};

/// What is left of a codec's last line without the places in OpenCV's source that it names.
std::string said_last(const std::string& text) {
    std::string line = last_line(text);
    for (const std::string_view before : {"can't read data: ", "can't read header: ", "error) "}) {
        const std::size_t at = line.find(before);
        if (at != line.npos) line.erase(0, at + before.size());
    }
    return line.substr(0, line.find(" in function '"));
}

/// Runs a codec with standard error collected; returns the reason of a failure, or nothing.
template <typename Codec>
std::string run_codec(Codec codec, std::string& messages) {
    // Debian's OpenCV reads OpenEXR files, other builds only when asked before first use.
    static const bool asked = setenv("OPENCV_IO_ENABLE_OPENEXR", "1", 1) == 0;
    (void)asked;
    CodecMessages collected;
    std::string reason;
    try {
        codec();
    } catch (const cv::Exception& error) {
        reason = error.err.empty() ? "the codec failed" : said_last(error.err);
        if (error.code == cv::Error::StsNoMem) reason = "not enough memory";
    } catch (const std::bad_alloc&) {
        reason = "not enough memory";
    } catch (const std::exception& error) {
        reason = said_last(error.what());
    } catch (...) {
        reason = "the codec failed";
    }
    messages = collected.finish();
    return reason;
}

Image as_image(cv::Mat&& decoded, const std::string& name) {
    for (const Depth& depth : kDepths) {
        if (depth.opencv != decoded.depth()) continue;
        auto owner = std::make_shared<cv::Mat>(std::move(decoded));
        const std::int64_t C = owner->channels();
        Image picture{depth.type,
                      {1, C, owner->rows, owner->cols},
                      {0, 1, static_cast<std::int64_t>(owner->step1()), C},
                      C == 4,
                      nullptr};
        void* samples = owner->data;
        const auto bytes = owner->rows * static_cast<std::int64_t>(owner->step[0]);
        picture.samples = Samples::handed_over({std::move(owner), samples}, bytes);
        if (C >= 3) swap_red_and_blue(picture);
        return picture;
    }
    fail(ErrorKind::unsupported, "{}: its sample type is not read; 8- and 16-bit and float are",
         name);
}

cv::Mat as_matrix(const Image& picture) {
    int depth = CV_8U;
    for (const Depth& candidate : kDepths) {
        if (candidate.type == picture.type) depth = candidate.opencv;
    }
    const auto row_bytes = static_cast<std::size_t>(picture.strides.H) * sample_bytes(picture.type);
    return {static_cast<int>(picture.shape.H), static_cast<int>(picture.shape.W),
            CV_MAKETYPE(depth, static_cast<int>(picture.shape.C)),
            const_cast<void*>(picture.samples.get()), row_bytes};
}

}  // namespace

DecodedPicture decode_with_opencv(const FileInput& input) {
    const ByteView bytes = input.bytes.view();
    if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
        fail(ErrorKind::unsupported,
             "{}: is larger than 2 GiB, which only .npy, PNM and TIFF may be", input.name);
    }
    cv::Mat decoded;
    DecodedPicture result;
    const std::string reason = run_codec(
        [&] {
            const cv::Mat file(1, static_cast<int>(bytes.size()), CV_8U,
                               const_cast<std::uint8_t*>(bytes.data()));
            cv::imdecode(file, cv::IMREAD_UNCHANGED, &decoded);
        },
        result.messages);
    if (reason == "not enough memory") {
        fail(ErrorKind::memory, "{}: not enough memory to decode it", input.name);
    }
    if (decoded.empty() || !reason.empty()) {
        const std::string said = reason.empty() ? said_last(result.messages) : reason;
        fail(ErrorKind::input, "{}: cannot be decoded, the file is damaged{}{}", input.name,
             said.empty() ? "" : ": ", said);
    }
    result.picture = as_image(std::move(decoded), input.name);
    return result;
}

std::vector<std::uint8_t> encode_with_opencv(Image picture, const std::string& extension,
                                             const std::vector<int>& parameters) {
    picture = owned_interleaved(std::move(picture));
    if (picture.shape.C >= 3) swap_red_and_blue(picture);
    const cv::Mat matrix = as_matrix(picture);
    std::vector<std::uint8_t> bytes;
    // Encoders append piece by piece: untouched reserve costs nothing, growing would copy.
    bytes.reserve(matrix.total() * matrix.elemSize() + (std::size_t{1} << 16));
    bool done = false;
    std::string messages;
    std::string reason =
        run_codec([&] { done = cv::imencode(extension, matrix, bytes, parameters); }, messages);
    if (reason == "not enough memory") {
        fail(ErrorKind::memory, "not enough memory to encode {}", extension);
    }
    if (!done || !reason.empty()) {
        if (reason.empty()) reason = said_last(messages);
        fail(ErrorKind::input, "the picture cannot be encoded as {}: {}", extension,
             reason.empty() ? "the codec failed" : reason);
    }
    return bytes;
}

std::string opencv_version() {
    return cv::getVersionString();
}

}  // namespace conv
