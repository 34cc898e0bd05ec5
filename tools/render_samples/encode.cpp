#include "encode.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <stdexcept>
#include <vector>

namespace conv::samples {
namespace {

/// The position in OpenCV's B, G, R, A order of a channel in R, G, B, A order.
int opencv_channel(int channel, int channels) {
    return channels >= 3 && channel < 3 ? 2 - channel : channel;
}

template <typename T, typename Quantize>
cv::Mat to_mat(const Picture& picture, Quantize quantize) {
    const int C = picture.channels;
    cv::Mat mat(picture.height, picture.width, CV_MAKETYPE(cv::DataType<T>::depth, C));
    for (int y = 0; y < picture.height; ++y)
        for (int x = 0; x < picture.width; ++x)
            for (int c = 0; c < C; ++c)
                mat.ptr<T>(y)[x * C + opencv_channel(c, C)] = quantize(picture.at(y, x, c));
    return mat;
}

template <typename T>
cv::Mat to_integers(const Picture& picture) {
    constexpr double kMaximum = std::numeric_limits<T>::max();
    return to_mat<T>(picture,
                     [](double v) { return static_cast<T>(std::lround(clamp01(v) * kMaximum)); });
}

bool same_bytes(const cv::Mat& a, const cv::Mat& b) {
    return a.type() == b.type() && a.size() == b.size() && a.isContinuous() && b.isContinuous() &&
           std::memcmp(a.data, b.data, a.total() * a.elemSize()) == 0;
}

void write_exactly(const std::string& path, const cv::Mat& mat, const std::vector<int>& options) {
    if (!cv::imwrite(path, mat, options)) throw std::runtime_error("cannot write " + path);
    if (!same_bytes(mat, cv::imread(path, cv::IMREAD_UNCHANGED)))
        throw std::runtime_error(path + ": other samples came back than were written");
}

// The strategy must be named: OpenCV's default (run lengths) makes these files far larger.
const std::vector<int> kSmallPng{cv::IMWRITE_PNG_COMPRESSION, 9, cv::IMWRITE_PNG_STRATEGY,
                                 cv::IMWRITE_PNG_STRATEGY_FILTERED};

constexpr int kTiffUncompressed = 1;

std::string npy_header(const Picture& picture) {
    std::string text = "{'descr': '<f4', 'fortran_order': False, 'shape': (" +
                       std::to_string(picture.channels) + ", " + std::to_string(picture.height) +
                       ", " + std::to_string(picture.width) + "), }";
    constexpr std::size_t kPreamble = 10, kAlignment = 64;
    while ((kPreamble + text.size() + 1) % kAlignment != 0) text += ' ';
    text += '\n';
    std::string header("\x93NUMPY\x01\x00", 8);
    header += static_cast<char>(text.size() & 0xff);
    header += static_cast<char>(text.size() >> 8);
    return header + text;
}

void append_little_endian(std::string& bytes, float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (unsigned shift = 0; shift < 32; shift += 8)
        bytes += static_cast<char>((bits >> shift) & 0xff);
}

}  // namespace

void write_png8(const std::string& path, const Picture& picture) {
    write_exactly(path, to_integers<std::uint8_t>(picture), kSmallPng);
}

void write_png16(const std::string& path, const Picture& picture) {
    write_exactly(path, to_integers<std::uint16_t>(picture), kSmallPng);
}

void write_float_tiff(const std::string& path, const Picture& picture) {
    const auto mat = to_mat<float>(picture, [](double v) { return static_cast<float>(v); });
    write_exactly(path, mat, {cv::IMWRITE_TIFF_COMPRESSION, kTiffUncompressed});
}

void write_npy(const std::string& path, const Picture& picture) {
    std::string bytes = npy_header(picture);
    for (int c = 0; c < picture.channels; ++c)
        for (int y = 0; y < picture.height; ++y)
            for (int x = 0; x < picture.width; ++x)
                append_little_endian(bytes, static_cast<float>(picture.at(y, x, c)));
    std::ofstream(path, std::ios::binary) << bytes;
    std::ifstream back(path, std::ios::binary);
    if (std::string(std::istreambuf_iterator<char>(back), {}) != bytes)
        throw std::runtime_error("cannot write " + path);
}

}  // namespace conv::samples
