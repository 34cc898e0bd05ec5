// A picture of any height that is made, filtered and used row by row.
#include <conv/conv.hpp>
#include <cstdint>
#include <cstdio>

struct Stripes : conv::RowReader {
    conv::PictureInfo picture{conv::SampleType::u8, {1, 1, 100'000, 64}};
    const conv::PictureInfo& info() const override { return picture; }
    std::int64_t memory_bytes() const override { return 0; }
    void read(conv::RowRange rows, const conv::Image& band) override {
        auto* samples = band.data<std::uint8_t>();
        for (std::int64_t i = 0; i < rows.count * 64; ++i)
            samples[i] = (rows.first + i / 64) % 2 == 0 ? 0 : 100;
    }
};

int main() {
    std::int64_t sum = 0;
    Stripes stripes;
    conv::filter_rows(stripes, "gaussian:sigma=2", {}, [&](conv::RowRange rows, const auto& bands) {
        const auto* samples = bands.front().template data<const std::uint8_t>();
        for (std::int64_t i = 0; i < rows.count * 64; ++i) sum += samples[i];
    });
    std::printf("%.1f\n", static_cast<double>(sum) / (100'000 * 64));
}
