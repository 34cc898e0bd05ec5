// The module conv_opencv.so: what the program needs of OpenCV, behind opencv_functions.hpp.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <stdexcept>
#include <string_view>

#include "base/error.hpp"
#include "drawing/canvas.hpp"
#include "drawing/raster_canvas.hpp"
#include "modules/opencv_functions.hpp"

namespace conv {
namespace {

struct Depth {
    SampleType type;
    int opencv;
};
constexpr Depth kDepths[] = {
    {SampleType::u8, CV_8U}, {SampleType::u16, CV_16U}, {SampleType::f32, CV_32F}};

/// Runs a codec; returns the reason of a failure, or nothing.
template <typename Codec>
std::string run_codec(Codec codec) {
    try {
        codec();
        return {};
    } catch (const cv::Exception& error) {
        if (error.code == cv::Error::StsNoMem) return kCodecMemory;
        return error.err.empty() ? std::string(kCodecFailed) : error.err;
    } catch (const std::bad_alloc&) {
        return kCodecMemory;
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return kCodecFailed;
    }
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

/// Formats that OpenCV decodes from files alone: given bytes, it copies them to where others can
/// read them.
bool needs_file(std::span<const std::uint8_t> file) {
    const std::string_view head(reinterpret_cast<const char*>(file.data()),
                                std::min<std::size_t>(file.size(), 10));
    for (const std::string_view magic : {"\x76\x2f\x31\x01", "#?RADIANCE", "#?RGBE", "PF", "Pf"}) {
        if (head.starts_with(magic)) return true;
    }
    return false;
}

/// Decodes from memory that has a name in /proc alone.
cv::Mat decode_from_unnamed(std::span<const std::uint8_t> file) {
    const int fd = memfd_create("picture", MFD_CLOEXEC);
    if (fd < 0) throw std::runtime_error(kCodecMemory);
    const auto close_it = [](const int* open) { close(*open); };
    const std::unique_ptr<const int, decltype(close_it)> closer(&fd, close_it);
    for (std::size_t at = 0; at < file.size();) {
        const ssize_t count = write(fd, file.data() + at, file.size() - at);
        if (count <= 0) throw std::runtime_error(kCodecMemory);
        at += static_cast<std::size_t>(count);
    }
    return cv::imread("/proc/self/fd/" + std::to_string(fd), cv::IMREAD_UNCHANGED);
}

OpencvPicture decode(std::span<const std::uint8_t> file, const std::string& name) {
    cv::Mat decoded;
    OpencvPicture result;
    result.reason = run_codec([&] {
        if (needs_file(file)) {
            decoded = decode_from_unnamed(file);
            return;
        }
        const cv::Mat bytes(1, static_cast<int>(file.size()), CV_8U,
                            const_cast<std::uint8_t*>(file.data()));
        cv::imdecode(bytes, cv::IMREAD_UNCHANGED, &decoded);
    });
    if (!decoded.empty()) result.picture = as_image(std::move(decoded), name);
    return result;
}

std::string encode(const Image& picture, const std::string& extension,
                   const std::vector<int>& parameters, std::vector<std::uint8_t>& bytes) {
    const cv::Mat matrix = as_matrix(picture);
    bool done = false;
    std::string reason = run_codec([&] {
        // Encoders append piece by piece: untouched reserve costs nothing, growing would copy.
        bytes.reserve(matrix.total() * matrix.elemSize() + (std::size_t{1} << 16));
        done = cv::imencode(extension, matrix, bytes, parameters);
    });
    if (!done && reason.empty()) reason = kCodecFailed;
    return reason;
}

std::string version() {
    return cv::getVersionString();
}

}  // namespace
}  // namespace conv

extern "C" __attribute__((visibility("default"))) const char* conv_module_interface() {
    return CONV_OPENCV_INTERFACE;
}

extern "C" __attribute__((visibility("default"))) const void* conv_module_functions() {
    static constexpr conv::OpencvFunctions kFunctions = {conv::decode, conv::encode,
                                                         conv::make_raster_canvas, conv::version};
    return &kFunctions;
}
