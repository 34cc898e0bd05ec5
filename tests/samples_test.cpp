#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "support/filtering.hpp"

using namespace conv;
using namespace conv::test;

namespace {

constexpr std::int64_t kHeight = 1500, kWidth = 2000;

/// A caller's own picture, 12 MB of 3 channels with a pattern, between guards.
std::vector<std::uint8_t> callers_picture() {
    std::vector<std::uint8_t> samples(kHeight * kWidth * 4);
    for (std::size_t i = 0; i < samples.size(); ++i) {
        samples[i] = static_cast<std::uint8_t>(1 + i * 2654435761U % 251);
    }
    return samples;
}

Image borrowed(const std::vector<std::uint8_t>& samples) {
    return Image::borrowed(SampleType::u8, samples.data(), {1, 4, kHeight, kWidth});
}

}  // namespace

TEST_CASE("samples: a caller's buffer comes back from filtering as it was") {
    const std::vector<std::uint8_t> before = callers_picture();
    std::vector<std::uint8_t> samples = before;
    const FilterSettings settings;
    for (const Kernel& kernel : {box_kernel(3, 3), identity_kernel()}) {
        std::vector<Image> pages;
        pages.push_back(borrowed(samples));
        REQUIRE_FALSE(pages.front().samples.owned());
        const FilterResult result =
            filter_pages(test_device(), make_bank({kernel}, settings), std::move(pages), settings);
        CHECK(samples == before);
        CHECK(sample_at(result.pages[0][0], 3, kHeight - 1, kWidth - 1) > 0);
    }
}

TEST_CASE("samples: any memory that an image shares without handing it over is borrowed") {
    auto memory = std::make_shared<std::vector<std::uint8_t>>(callers_picture());
    const std::vector<std::uint8_t> before = *memory;
    Image page = borrowed(*memory);
    page.samples = std::shared_ptr<const void>(memory, memory->data());
    CHECK_FALSE(page.samples.owned());
    memory.reset();  // the image holds it alone
    const Image kept = page;
    std::vector<Image> pages;
    pages.push_back(std::move(page));
    const FilterSettings settings;
    filter_pages(test_device(), make_bank({box_kernel(3, 3)}, settings), std::move(pages),
                 settings);
    CHECK(std::equal(before.begin(), before.end(), kept.data<const std::uint8_t>()));
}

TEST_CASE("samples: owned pages nobody else holds are given back while the result grows") {
    Image page = Image::interleaved(SampleType::u8, 4, kHeight, kWidth);
    const std::vector<std::uint8_t> samples = callers_picture();
    std::copy(samples.begin(), samples.end(), page.data<std::uint8_t>());
    const FilterSettings settings;
    const auto filtered = [&](Image picture) {
        std::vector<Image> pages;
        pages.push_back(std::move(picture));
        return filter_pages(test_device(), make_bank({box_kernel(3, 3)}, settings),
                            std::move(pages), settings)
            .pages[0][0];
    };
    CHECK(difference(filtered(page), filtered(borrowed(samples))) == 0);
    CHECK(std::equal(samples.begin(), samples.end(), page.data<const std::uint8_t>()));
    CHECK(page.samples.spent_with_holder());
    const Image expected = filtered(borrowed(samples));
    CHECK(difference(filtered(std::move(page)), expected) == 0);
}

TEST_CASE("samples: what is given back lies inside owned memory, whatever is asked") {
    constexpr std::int64_t kBytes = 1 << 20;
    const Samples owned = Samples::allocate(kBytes);
    auto* bytes = static_cast<std::uint8_t*>(owned.writable());
    std::fill_n(bytes, kBytes, std::uint8_t{7});
    const Samples half(owned, bytes + kBytes / 2);
    CHECK(half.owned());
    half.discard(bytes - (1 << 24), (1 << 24) + kBytes / 4);
    CHECK(std::count(bytes, bytes + kBytes, 7) >= kBytes * 3 / 4);
    CHECK(std::count(bytes, bytes + kBytes, 7) <= kBytes * 3 / 4 + 8192);
    const std::vector<std::uint8_t> mine(kBytes, 7);
    Samples::borrowed(mine.data()).discard(mine.data(), kBytes);
    CHECK(std::count(mine.begin(), mine.end(), 7) == kBytes);
}
