#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/error.hpp"
#include "tensor/samples.hpp"

namespace conv {

using ByteView = std::span<const std::uint8_t>;

/// A path as errors show it: "standard input" for `-`, control characters replaced.
std::string display_name(const std::string& path);

/// The whole of one file in memory. Copies share the bytes.
class FileBytes {
public:
    FileBytes() = default;
    FileBytes(std::shared_ptr<std::uint8_t> data, std::size_t size)
        : data_(std::move(data)), size_(size) {}

    ByteView view() const { return {data_.get(), size_}; }
    std::size_t size() const { return size_; }
    /// The bytes from `offset` on as owned samples, which keep this memory alive.
    Samples samples_from(std::size_t offset) const {
        return Samples::handed_over({data_, data_.get() + offset},
                                    static_cast<std::int64_t>(size_ - offset));
    }

private:
    std::shared_ptr<std::uint8_t> data_;
    std::size_t size_ = 0;
};

/// Bytes of a file that decide what it is.
inline constexpr std::size_t kHeadBytes = 4096;

/// Bounds-checked access to the numbers of a file header.
class ByteReader {
public:
    /// `name` begins every error and must outlive the reader.
    ByteReader(ByteView bytes, const std::string& name) : bytes_(bytes), name_(name) {}

    std::uint64_t big(std::size_t offset, std::size_t count) const;
    std::uint64_t little(std::size_t offset, std::size_t count) const;
    /// `count` bytes from `offset`. All of these throw Error{input} past the end of the file.
    ByteView part(std::size_t offset, std::size_t count) const;
    std::size_t size() const { return bytes_.size(); }

private:
    ByteView bytes_;
    const std::string& name_;
};

/// True when `bytes` begins with `magic`.
bool starts_with(ByteView bytes, std::string_view magic);
/// True when `bytes` holds `magic` at `offset`.
bool has_at(ByteView bytes, std::size_t offset, std::string_view magic);

}  // namespace conv
