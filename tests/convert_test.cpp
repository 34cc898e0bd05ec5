#include "tensor/convert.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "support/simd_targets.hpp"

using namespace conv;

namespace {

/// The definition that store_samples follows, one sample at a time.
template <typename T>
T store_one(float x, Lost& lost) {
    const double largest = std::numeric_limits<T>::max();
    const double rounded = std::nearbyint(static_cast<double>(x));
    if (!(rounded >= 0)) {
        ++lost.below;
        return 0;
    }
    if (rounded > largest) {
        ++lost.above;
        return std::numeric_limits<T>::max();
    }
    return static_cast<T>(rounded);
}

/// Every half and its neighbouring floats in and around the range, and what no integer holds.
template <typename T>
std::vector<float> hard_values() {
    constexpr float kInf = std::numeric_limits<float>::infinity();
    std::vector<float> values = {kInf,
                                 -kInf,
                                 std::numeric_limits<float>::quiet_NaN(),
                                 -0.0F,
                                 1e-40F,
                                 -1e-40F,
                                 3e9F,
                                 -3e9F,
                                 std::numeric_limits<float>::max(),
                                 std::numeric_limits<float>::lowest()};
    const int last = 2 * std::numeric_limits<T>::max() + 8;
    for (int twice = -8; twice <= last; ++twice) {
        const float x = static_cast<float>(twice) / 2;
        values.insert(values.end(), {x, std::nextafter(x, kInf), std::nextafter(x, -kInf)});
    }
    return values;
}

template <typename T>
void check_store() {
    constexpr T kGuard = 77;
    const std::vector<float> values = hard_values<T>();
    const auto count = static_cast<std::int64_t>(values.size());
    // All lengths up to several vectors, and everything.
    std::vector<std::int64_t> lengths(70);
    std::iota(lengths.begin(), lengths.end(), 0);
    lengths.push_back(count);
    for (const std::int64_t length : lengths) {
        std::vector<T> stored(values.size() + 1, kGuard), expected = stored;
        Lost lost;
        for (std::int64_t i = 0; i < length; ++i) {
            const auto at = static_cast<std::size_t>(i);
            expected[at] = store_one<T>(values[at], lost);
        }
        CHECK(store_samples(values.data(), length, stored.data()) == lost);
        CHECK(stored == expected);
    }
}

template <typename T>
void check_load() {
    std::vector<T> samples(std::numeric_limits<T>::max() + std::size_t{1});
    for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = static_cast<T>(i);
    for (const std::size_t length :
         {std::size_t{0}, std::size_t{1}, std::size_t{37}, samples.size()}) {
        std::vector<float> loaded(samples.size() + 1, -1.0F);
        load_samples(samples.data(), static_cast<std::int64_t>(length), loaded.data());
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < loaded.size(); ++i) {
            wrong += loaded[i] != (i < length ? static_cast<float>(i) : -1.0F);
        }
        CHECK(wrong == 0);
    }
}

}  // namespace

TEST_CASE("convert: stores round half to even, saturate and count what was lost") {
    conv::test::for_each_simd_target([](const std::string& target) {
        CAPTURE(target);
        check_store<std::uint8_t>();
        check_store<std::uint16_t>();
    });
}

TEST_CASE("convert: loads are exact for every sample and length") {
    conv::test::for_each_simd_target([](const std::string& target) {
        CAPTURE(target);
        check_load<std::uint8_t>();
        check_load<std::uint16_t>();
    });
}
