#include <doctest/doctest.h>

#include <cmath>

#include "support/filtering.hpp"

using namespace conv;
using namespace conv::test;

namespace {

FilterSettings with_normalization(Normalization normalization) {
    FilterSettings settings;
    settings.normalization = normalization;
    return settings;
}

/// The value of map k of a bank `dy` rows below and `dx` columns right of the anchor.
double at_anchor(const Bank& bank, std::int64_t k, std::int64_t dy, std::int64_t dx) {
    const std::int64_t r = bank.anchor.y + dy, s = bank.anchor.x + dx;
    if (r < 0 || r >= bank.R || s < 0 || s >= bank.S) return 0;
    return static_cast<double>(
        bank.values[static_cast<std::size_t>((k * bank.R + r) * bank.S + s)]);
}

void check_values(const Bank& bank, const std::vector<double>& expected) {
    REQUIRE(bank.values.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CAPTURE(i);
        CHECK(static_cast<double>(bank.values[i]) == doctest::Approx(expected[i]).epsilon(1e-7));
    }
}

}  // namespace

TEST_CASE("bank: a file's scale comes first, then normalisation, then --scale") {
    Kernel kernel = make_kernel({1, 3}, {1, 2, 5});
    kernel.scale = -10;
    FilterSettings settings;
    settings.scale = 0.5;
    check_values(make_bank({kernel}, settings), {-5, -10, -25});
    settings.normalization = Normalization::sum;  // of -80: the sign is divided away
    check_values(make_bank({kernel}, settings), {0.0625, 0.125, 0.3125});
    settings.normalization = Normalization::abs;  // by +80: the sign stays
    check_values(make_bank({kernel}, settings), {-0.0625, -0.125, -0.3125});
}

TEST_CASE("bank: each map is normalised over its own C, R and S") {
    const Kernel kernel = make_kernel({2, 2, 1, 2}, {1, 1, 3, 3, -1, 2, 0, 1});
    check_values(make_bank({kernel}, with_normalization(Normalization::sum)),
                 {0.125, 0.125, 0.375, 0.375, -0.5, 1, 0, 0.5});
    const Bank bank = make_bank({kernel}, with_normalization(Normalization::abs));
    check_values(bank, {0.125, 0.125, 0.375, 0.375, -0.25, 0.5, 0, 0.25});
    CHECK(bank.sums.at(1) == doctest::Approx(0.5));
    CHECK(bank.absolute_sums.at(1) == doctest::Approx(1));
}

TEST_CASE("bank: a zero sum is refused, never divided by") {
    const auto error = [](const std::vector<double>& values, Normalization normalization) {
        return error_of([&] {
            make_bank({make_kernel({1, static_cast<std::int64_t>(values.size())}, values)},
                      with_normalization(normalization));
        });
    };
    const std::string zero_sum = error({-1, 0, 1}, Normalization::sum);
    CHECK(zero_sum.find("test kernel") != std::string::npos);
    CHECK(zero_sum.find("--normalize abs or none") != std::string::npos);
    CHECK(error({0, 0}, Normalization::abs).find("--normalize none") != std::string::npos);
    CHECK(error({0, 0}, Normalization::sum).find("--normalize none") != std::string::npos);
    CHECK(error({-1, 0, 1}, Normalization::abs).empty());
    // The limit is |sum| = 1e-6 of the absolute sum.
    CHECK_FALSE(error({-1, 1 + 1.9e-6}, Normalization::sum).empty());
    CHECK(error({-1, 1 + 2.1e-6}, Normalization::sum).empty());
}

TEST_CASE("bank: only a point spread function is normalised unasked") {
    Kernel kernel = make_kernel({1, 2}, {30, 90});
    check_values(make_bank({kernel}, {}), {30, 90});
    kernel.normalize_by_default = true;
    check_values(make_bank({kernel}, {}), {0.25, 0.75});
    check_values(make_bank({kernel}, with_normalization(Normalization::none)), {30, 90});
}

TEST_CASE("bank: 2-D kernels of different sizes lie in one window with their anchors together") {
    std::vector<Kernel> kernels = {uneven_kernel({3, 3}), uneven_kernel({1, 4}),
                                   uneven_kernel({4, 1})};
    kernels[1].anchor = Anchor{0, 0};
    kernels[2].anchor = Anchor{0, 3};
    const std::vector<Anchor> anchors = {{1, 1}, {0, 0}, {0, 3}};
    const Bank bank = make_bank(kernels, {});
    CHECK(bank.each_channel);
    CHECK(bank.K == 3);
    CHECK(bank.R == 5);  // three rows above the anchor, one below
    CHECK(bank.S == 5);  // one column left of it, three right
    CHECK(bank.anchor == Anchor{1, 3});
    for (std::size_t k = 0; k < kernels.size(); ++k) {
        for (std::int64_t dy = -5; dy <= 5; ++dy) {
            for (std::int64_t dx = -5; dx <= 5; ++dx) {
                const std::int64_t r = anchors[k].y + dy, s = anchors[k].x + dx;
                const bool inside = r >= 0 && r < kernels[k].R && s >= 0 && s < kernels[k].S;
                const double expected =
                    inside ? kernels[k].values[static_cast<std::size_t>(r * kernels[k].S + s)] : 0;
                CHECK(at_anchor(bank, static_cast<std::int64_t>(k), dy, dx) == expected);
            }
        }
    }
}

TEST_CASE("bank: --convolve turns odd and even kernels and their anchors by 180 degrees") {
    for (const auto& size : {std::pair{3, 3}, {2, 4}, {4, 5}, {1, 2}}) {
        const auto R = size.first, S = size.second;
        for (const bool own_anchor : {false, true}) {
            Kernel kernel = uneven_kernel({R, S});
            Anchor anchor{S / 2, R / 2};
            if (own_anchor) kernel.anchor = anchor = Anchor{S - 1, 0};
            FilterSettings settings;
            settings.flip = true;
            const Bank bank = make_bank({kernel}, settings);
            CAPTURE(R);
            CAPTURE(S);
            CHECK(bank.anchor == Anchor{S - 1 - anchor.x, R - 1 - anchor.y});
            for (std::int64_t r = 0; r < R; ++r) {
                for (std::int64_t s = 0; s < S; ++s) {
                    CHECK(at_anchor(bank, 0, anchor.y - r, anchor.x - s) ==
                          kernel.values[static_cast<std::size_t>(r * S + s)]);
                }
            }
        }
    }
}

TEST_CASE("bank: --convolve turns each plane of a bank, not the order of its planes") {
    FilterSettings settings;
    settings.flip = true;
    check_values(make_bank({make_kernel({2, 2, 1, 2}, {1, 2, 3, 4, 5, 6, 7, 8})}, settings),
                 {2, 1, 4, 3, 6, 5, 8, 7});
}

TEST_CASE("bank: --anchor replaces the kernel's own and must lie inside") {
    Kernel kernel = uneven_kernel({3, 5});
    CHECK(make_bank({kernel}, {}).anchor == Anchor{2, 1});
    kernel.anchor = Anchor{4, 2};
    CHECK(make_bank({kernel}, {}).anchor == Anchor{4, 2});
    FilterSettings settings;
    settings.anchor = Anchor{0, 1};
    CHECK(make_bank({kernel}, settings).anchor == Anchor{0, 1});
    settings.anchor = Anchor{5, 1};
    const std::string error = error_of([&] { make_bank({kernel}, settings); });
    CHECK(error.find("anchor 5,1") != std::string::npos);
    CHECK(error.find("0,0 to 4,2") != std::string::npos);
}

TEST_CASE("bank: --bias replaces the kernels' own; one number serves all maps") {
    Kernel first = identity_kernel(), second = identity_kernel();
    first.bias = {2};
    CHECK(make_bank({first, second}, {}).bias == std::vector<float>{2, 0});
    CHECK(make_bank({second, second}, {}).bias.empty());
    FilterSettings settings;
    settings.bias = {5};
    CHECK(make_bank({first, second}, settings).bias == std::vector<float>{5, 5});
    settings.bias = {5, -1};
    CHECK(make_bank({first, second}, settings).bias == std::vector<float>{5, -1});
    settings.bias = {0};
    CHECK(make_bank({first}, settings).bias.empty());
}

TEST_CASE("bank: --scale leaves the bias alone") {
    Kernel kernel = make_kernel({1, 1}, {3});
    kernel.bias = {2};
    kernel.scale = 7;
    FilterSettings settings;
    settings.scale = 2;
    const Bank bank = make_bank({kernel}, settings);
    CHECK(bank.bias == std::vector<float>{2});
    check_values(bank, {42});
}

TEST_CASE("bank: what cannot be one filter is refused with the reason") {
    const auto refused = [](const std::vector<Kernel>& kernels, const FilterSettings& settings,
                            const std::string& fragment) {
        const std::string error = error_of([&] { make_bank(kernels, settings); });
        CAPTURE(error);
        CHECK(error.find(fragment) != std::string::npos);
    };
    refused({identity_kernel(), uneven_kernel({3, 1, 1})}, {}, "must all be 2-D");
    FilterSettings settings;
    settings.combine = Combine::l2;
    refused({uneven_kernel({2, 3, 1, 1})}, settings, "--combine works on several 2-D kernels");
    settings = {};
    settings.bias = {1, 2, 3};
    refused({identity_kernel(), identity_kernel()}, settings, "3 numbers for 2 output maps");
    settings.bias = {1e39};
    refused({identity_kernel()}, settings, "1e+39 does not fit float32");
    settings = {};
    settings.scale = 1e39;
    refused({identity_kernel()}, settings, "does not fit float32");
}
