#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <random>
#include <utility>
#include <vector>

#include "base/aligned_buffer.hpp"
#include "cpu/fft/tile_fft.hpp"
#include "cpu/fft/turned_columns.hpp"
#include "support/simd_targets.hpp"

using namespace conv;

namespace {

constexpr std::int64_t kBatch = TileFft::kBatch;

/// Random complex numbers in batches of rows, with their transforms.
struct Tile {
    std::int64_t H, W, row;
    TileFft fft;
    AlignedBuffer<float> samples, tile, blocks, scratch;

    Tile(std::int64_t height, std::int64_t width, unsigned seed)
        : H(height),
          W(width),
          row(TileFft::row_floats(width)),
          fft(height, width),
          samples(H * row),
          tile(H * row),
          blocks(2 * H * W),
          scratch(TileFft::scratch_floats(H)) {
        std::mt19937 generator(seed);
        std::uniform_real_distribution<float> uniform(-1.0F, 1.0F);
        for (std::int64_t i = 0; i < samples.size(); ++i) samples[i] = uniform(generator);
    }
    std::complex<double> sample(std::int64_t h, std::int64_t w) const {
        return {samples[h * row + 2 * w], samples[h * row + 2 * w + 1]};
    }
    std::complex<double> frequency(std::int64_t y, std::int64_t x) const {
        return {blocks[2 * (x * H + y)], blocks[2 * (x * H + y) + 1]};
    }
    void forward() {
        for (std::int64_t h = 0; h < H; h += kBatch) {
            fft.forward_rows(samples.data() + h * row, tile.data() + h * row);
        }
        for (std::int64_t w = 0; w < W; w += kBatch) {
            fft.forward_columns(tile.data() + 2 * w, blocks.data() + 2 * w * H, scratch.data());
        }
    }
    void inverse() {
        for (std::int64_t w = 0; w < W; w += kBatch) {
            fft.inverse_columns(blocks.data() + 2 * w * H, tile.data() + 2 * w, scratch.data());
        }
        for (std::int64_t h = 0; h < H; h += kBatch) {
            fft.inverse_rows(tile.data() + h * row, samples.data() + h * row);
        }
    }
};

}  // namespace

TEST_CASE("tile fft: inverse undoes forward, H * W times as large") {
    for (const auto& size : {std::pair<int, int>{32, 64}, {96, 32}, {128, 512}, {320, 160}}) {
        const int H = size.first, W = size.second;
        CAPTURE(H);
        CAPTURE(W);
        const Tile original(H, W, 3);
        Tile tile(H, W, 3);
        tile.forward();
        tile.inverse();
        double worst = 0;
        for (int h = 0; h < H; ++h) {
            for (int w = 0; w < W; ++w) {
                worst = std::max(worst, std::abs(tile.sample(h, w) / static_cast<double>(H * W) -
                                                 original.sample(h, w)));
            }
        }
        CHECK(worst < 2e-6);
    }
}

TEST_CASE("tile fft: a block holds columns of frequencies, as the definition has them") {
    constexpr std::int64_t H = 32, W = 96;
    Tile tile(H, W, 5);
    tile.forward();
    for (const auto& [y, x] : {std::pair<int, int>{0, 0}, {1, 0}, {0, 1}, {31, 95}, {17, 40}}) {
        std::complex<double> expected;
        for (std::int64_t h = 0; h < H; ++h) {
            for (std::int64_t w = 0; w < W; ++w) {
                const double turns =
                    static_cast<double>(y * h) / H + static_cast<double>(x * w) / W;
                expected += tile.sample(h, w) * std::polar(1.0, -2 * std::numbers::pi * turns);
            }
        }
        CHECK(std::abs(tile.frequency(y, x) - expected) < 1e-4);
    }
}

TEST_CASE("tile fft: transforms keep what they read") {
    constexpr std::int64_t H = 96, W = 160;
    const Tile original(H, W, 7);
    Tile tile(H, W, 7);
    tile.forward();
    CHECK(std::equal(tile.samples.data(), tile.samples.data() + H * tile.row,
                     original.samples.data()));
    const std::vector<float> spectrum(tile.blocks.data(), tile.blocks.data() + 2 * H * W);
    tile.inverse();
    CHECK(std::equal(spectrum.begin(), spectrum.end(), tile.blocks.data()));
}

TEST_CASE("tile fft: columns turned into rows and back are the same numbers, by every set") {
    constexpr std::int64_t kCount = 8, kHeight = 12, kStep = 15, kPitch = 11;
    std::vector<float> columns(2 * kHeight * kPitch);
    for (std::size_t i = 0; i < columns.size(); ++i) columns[i] = static_cast<float>(i + 1);
    const TurnedColumns turn{kCount, kHeight, kStep, kPitch};
    conv::test::for_each_simd_target([&](const std::string& target) {
        CAPTURE(target);
        std::vector<float> rows(2 * kCount * kStep, 0.0F), back(columns.size(), 0.0F);
        columns_to_rows(turn, columns.data(), rows.data());
        rows_to_columns(turn, rows.data(), back.data());
        std::int64_t moved = 0, kept = 0;
        for (std::int64_t i = 0; i < 2 * kHeight * kCount; ++i) {
            const std::int64_t h = i / (2 * kCount), c = i / 2 % kCount, part = i % 2;
            const auto at = static_cast<std::size_t>(2 * (h * kPitch + c) + part);
            moved += rows[static_cast<std::size_t>(2 * (c * kStep + h) + part)] == columns[at];
            kept += back[at] == columns[at];
        }
        CHECK(moved == 2 * kHeight * kCount);
        CHECK(kept == moved);
        CHECK(std::count(rows.begin(), rows.end(), 0.0F) == 2 * kCount * (kStep - kHeight));
        CHECK(std::count(back.begin(), back.end(), 0.0F) == 2 * kHeight * (kPitch - kCount));
    });
}
