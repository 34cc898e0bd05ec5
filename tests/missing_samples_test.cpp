#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "tensor/missing.hpp"

using namespace conv;

TEST_CASE("missing samples: marks are noted in order and nothing else is moved") {
    for (std::int64_t count = 0; count < 150; ++count) {
        std::vector<float> values;
        std::vector<std::int64_t> wanted;
        for (std::int64_t i = 0; i < count; ++i) {
            const bool marked = i * i % 7 == 2 || i % 31 > 27;
            if (marked) wanted.push_back(i);
            values.push_back(marked       ? kMissingSample
                             : i % 5 == 0 ? std::numeric_limits<float>::quiet_NaN()
                                          : static_cast<float>(i));
        }
        std::vector<std::int64_t> places(static_cast<std::size_t>(count) + 1, -1);
        const std::int64_t found = take_missing_marks(values.data(), count, places.data());
        REQUIRE(places.back() == -1);
        places.resize(static_cast<std::size_t>(found));
        REQUIRE(places == wanted);
        for (const std::int64_t i : wanted) REQUIRE(values[static_cast<std::size_t>(i)] == 0);
        if (count > 1) REQUIRE(values[1] == 1);
        if (count > 0) REQUIRE(std::isnan(values[0]));
    }
}

TEST_CASE("missing samples: what does not count is found and taken out, wherever it stands") {
    const float mark = kMissingSample, nan = std::numeric_limits<float>::quiet_NaN();
    for (const float value : {-9999.0F, 0.0F, nan, mark}) {
        const Nodata nodata{value, value};
        for (std::int64_t count = 1; count < 140; count += 3) {
            for (std::int64_t at = -1; at < count; at += 5) {
                std::vector<float> samples(static_cast<std::size_t>(count), 7);
                if (at >= 0) samples[static_cast<std::size_t>(at)] = value;
                std::vector<float> values(samples.size(), -1);
                std::vector<std::uint8_t> counts(samples.size(), 9);
                REQUIRE(any_missing(samples.data(), count, nodata) == (at >= 0));
                REQUIRE(separate_missing(samples.data(), count, nodata, values.data(),
                                         counts.data()) == (at >= 0));
                for (std::int64_t i = 0; i < count; ++i) {
                    REQUIRE(values[static_cast<std::size_t>(i)] == (i == at ? 0.0F : 7.0F));
                    REQUIRE(counts[static_cast<std::size_t>(i)] == (i == at ? 0 : 1));
                }
            }
        }
    }
    std::vector<std::uint16_t> words(99, 5), values(99);
    std::vector<std::uint8_t> counts(99);
    words[98] = 65535;
    CHECK(separate_missing(words.data(), 99, {65535, 65535}, values.data(), counts.data()));
    CHECK(values[98] == 0);
    CHECK(counts[98] == 0);
    CHECK(counts[97] == 1);
    CHECK_FALSE(any_missing(words.data(), 99, {-1, -1}));
    CHECK_FALSE(any_missing(words.data(), 99, {65535.5F, 65535.5F}));
}
