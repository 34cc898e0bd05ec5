#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace conv {

/// FNV-1a with 64 bits: tells changed options and kernels from unchanged ones. Not made to resist
/// anybody who wants two of them to agree. Source: draft-eastlake-fnv.
class ContentHash {
public:
    ContentHash& add(std::string_view bytes) {
        for (const char byte : bytes) {
            constexpr std::uint64_t kPrime = 0x100000001b3;
            state_ = (state_ ^ static_cast<unsigned char>(byte)) * kPrime;
        }
        return *this;
    }
    /// The bytes of the numbers, and how many they are.
    template <typename T>
    ContentHash& add_numbers(std::span<const T> numbers) {
        add_number(static_cast<std::int64_t>(numbers.size()));
        return add({reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes()});
    }
    template <typename T>
    ContentHash& add_number(T number) {
        return add({reinterpret_cast<const char*>(&number), sizeof number});
    }
    /// 16 hexadecimal digits.
    std::string text() const;

private:
    std::uint64_t state_ = 0xcbf29ce484222325;
};

}  // namespace conv
