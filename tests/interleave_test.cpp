#include <doctest/doctest.h>

#include <vector>

#include "tensor/interleave.hpp"

using namespace conv;

TEST_CASE("interleave: every sample finds its place, for any count, and nothing else is touched") {
    for (std::int64_t N = 1; N <= 6; ++N) {
        for (std::int64_t count = 0; count <= 70; ++count) {
            CAPTURE(N);
            CAPTURE(count);
            const std::int64_t step = count + 3;
            const auto size = static_cast<std::size_t>(N * step + 1);
            std::vector<float> row(size, -1.0F), planes(size, -1.0F), again(size, -1.0F);
            for (std::int64_t i = 0; i < N * count; ++i) {
                row[static_cast<std::size_t>(i)] = static_cast<float>(i);
            }
            deinterleave(row.data(), N, count, planes.data(), step);
            std::size_t wrong = 0;
            for (std::int64_t n = 0; n < N; ++n) {
                for (std::int64_t w = 0; w < step; ++w) {
                    const float expected = w < count ? static_cast<float>(w * N + n) : -1.0F;
                    wrong += planes[static_cast<std::size_t>(n * step + w)] != expected;
                }
            }
            CHECK(wrong == 0);
            interleave({planes.data(), step, N, count}, 0.5F, again.data());
            for (std::int64_t i = 0; i < N * step; ++i) {
                const auto at = static_cast<std::size_t>(i);
                wrong += again[at] != (i < N * count ? row[at] + 0.5F : -1.0F);
            }
            CHECK(wrong == 0);
        }
    }
}
