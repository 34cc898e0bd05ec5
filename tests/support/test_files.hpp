#pragma once

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "files/image_file.hpp"
#include "files/output/output_file.hpp"

namespace conv::test {

/// A fresh folder that goes away with its contents.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "conv-test-XXXXXX").string();
        if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
        path_ = name;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    std::string file(const std::string& name) const { return (path_ / name).string(); }
    std::size_t entries() const {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path_),
                                                      std::filesystem::directory_iterator()));
    }

private:
    std::filesystem::path path_;
};

inline void write_bytes(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline std::string read_bytes(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline std::string little(std::uint64_t value, int count) {
    std::string bytes;
    for (int i = 0; i < count; ++i, value >>= 8) bytes += static_cast<char>(value & 0xff);
    return bytes;
}

inline std::string big(std::uint64_t value, int count) {
    const std::string bytes = little(value, count);
    return {bytes.rbegin(), bytes.rend()};
}

/// The message of the Error that `action` throws; empty if it throws none.
template <typename Action>
std::string error_of(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

/// A picture whose every sample differs from its neighbours; float samples are not integers.
inline Image sample_picture(SampleType type, std::int64_t channels, std::int64_t height,
                            std::int64_t width, bool has_alpha = false) {
    Image picture = Image::interleaved(type, channels, height, width, has_alpha);
    for (std::int64_t i = 0; i < channels * height * width; ++i) {
        const auto value = static_cast<std::uint32_t>(i + 1) * 40503U;
        if (type == SampleType::u8)
            picture.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(value >> 3 | 1);
        if (type == SampleType::u16)
            picture.data<std::uint16_t>()[i] = static_cast<std::uint16_t>(value);
        if (type == SampleType::f32)
            picture.data<float>()[i] = static_cast<float>(value & 1023) / 7.0F - 20;
    }
    return picture;
}

inline double sample_at(const Image& picture, std::int64_t c, std::int64_t y, std::int64_t x) {
    const Strides& step = picture.strides;
    const std::int64_t i = c * step.C + y * step.H + x * step.W;
    if (picture.type == SampleType::u8) return picture.data<const std::uint8_t>()[i];
    if (picture.type == SampleType::u16) return picture.data<const std::uint16_t>()[i];
    return static_cast<double>(picture.data<const float>()[i]);
}

/// The largest difference of two pictures; infinite where their forms differ.
inline double difference(const Image& a, const Image& b) {
    if (!(a.shape == b.shape) || a.type != b.type || a.has_alpha != b.has_alpha) return INFINITY;
    double largest = 0;
    for (std::int64_t c = 0; c < a.shape.C; ++c) {
        for (std::int64_t y = 0; y < a.shape.H; ++y) {
            for (std::int64_t x = 0; x < a.shape.W; ++x) {
                largest =
                    std::max(largest, std::abs(sample_at(a, c, y, x) - sample_at(b, c, y, x)));
            }
        }
    }
    return largest;
}

inline ImageDocument document_of(Image picture, const std::string& format = "png") {
    ImageDocument document;
    document.pages.push_back(std::move(picture));
    document.format = format;
    return document;
}

inline void write_image(const std::string& path, ImageDocument document,
                        const WriteOptions& options = {}) {
    OutputFiles outputs;
    outputs.add(path, std::move(document), options);
    outputs.commit();
}

}  // namespace conv::test
