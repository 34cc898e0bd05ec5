#include "support/nodata.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "pipeline/page_problem.hpp"

namespace conv::test {
namespace {

/// The definition, by nested loops over one page: design's formula, alpha weighing too.
struct Reference {
    const Image& page;
    const Bank& bank;
    const FilterSettings& settings;
    Problem problem = {};

    bool counts(std::int64_t c, std::int64_t h, std::int64_t w) const {
        const bool opacity = page.has_alpha && c == page.shape.C - 1;
        return opacity || !settings.nodata->matches(static_cast<float>(sample_at(page, c, h, w)));
    }
    double opacity(std::int64_t h, std::int64_t w) const {
        return page.has_alpha ? sample_at(page, page.shape.C - 1, h, w) : 1;
    }
    /// A 2-D kernel's result for one channel.
    double at(std::int64_t c, std::int64_t p, std::int64_t q) const {
        const std::int64_t top = p * problem.stride_h - problem.padding.top;
        const std::int64_t left = q * problem.stride_w - problem.padding.left;
        const std::int64_t y = top + bank.anchor.y * problem.dilation_h;
        const std::int64_t x = left + bank.anchor.x * problem.dilation_w;
        const bool inside = y >= 0 && y < page.shape.H && x >= 0 && x < page.shape.W;
        if (inside && !counts(c, y, x)) return sample_at(page, c, y, x);
        const double centre = inside ? sample_at(page, c, y, x) : 0;
        const double full = page.has_alpha ? sample_maximum(page.type) : 1;
        double sum = 0, absolute = 0, D = 0, A = 0, value = 0;
        for (std::int64_t r = 0; r < bank.R; ++r) {
            for (std::int64_t s = 0; s < bank.S; ++s) {
                const auto w =
                    static_cast<double>(bank.values[static_cast<std::size_t>(r * bank.S + s)]);
                sum += w;
                absolute += std::abs(w);
                const std::int64_t h =
                    border_index(problem.border.mode, top + r * problem.dilation_h, page.shape.H);
                const std::int64_t v =
                    border_index(problem.border.mode, left + s * problem.dilation_w, page.shape.W);
                const bool constant = h < 0 || v < 0;
                const double border = static_cast<double>(problem.border.value(c));
                const double a = constant ? (page.has_alpha ? border : 1) : opacity(h, v);
                A += w * a;
                if (!constant && !counts(c, h, v)) continue;
                D += w * a;
                value += w * a * (constant ? border : sample_at(page, c, h, v));
            }
        }
        const double bias = bank.bias.empty() ? 0 : static_cast<double>(bank.bias[0]);
        const double sign = sum < 0 ? -1 : 1, least = 1e-6 * absolute * full;
        if (std::abs(sum) <= 1e-6 * absolute) return value - centre * D + bias;
        if (page.has_alpha && sign * A <= least) return 0;
        if (!(sign * D > least)) return static_cast<double>(settings.nodata->value);
        return value * sum / D + bias;
    }
};

}  // namespace

Nodata nodata_of(double value) {
    return {static_cast<float>(value), static_cast<float>(value)};
}

Image holed_picture(SampleType type, std::int64_t channels, double nodata, bool has_alpha) {
    Image page = sample_picture(type, channels, 33, 21, has_alpha);
    const std::int64_t colours = channels - (has_alpha ? 1 : 0);
    for (std::int64_t c = 0; c < colours; ++c) {
        for (std::int64_t y = 0; y < 33; ++y) {
            for (std::int64_t x = 0; x < 21; ++x) {
                const bool hole = (y * 21 + x * 5 + c * 3) % 17 == 0 || (y < 4 && x < 6) ||
                                  (y == 20 && x > 2 + c) || (y > 25 && x > 14);
                if (hole) set_sample(page, c, y, x, nodata);
            }
        }
    }
    return page;
}

Kernel gradient_kernel() {
    return make_kernel({3, 3}, {-1, 0, 1, -2, 0, 2, -1, 0, 1});
}

void check_against_reference(const Kernel& kernel, const Image& page, FilterSettings settings,
                             double tolerance) {
    settings.depth = SampleType::f32;
    const Bank bank = make_bank({kernel}, settings);
    const PageProblem planned(bank, page, settings);
    const Image result = filter_picture({kernel}, page, settings);
    const Reference reference{page, bank, settings, planned.problem()};
    const std::int64_t colours = page.shape.C - (page.has_alpha ? 1 : 0);
    std::int64_t wrong = 0;
    for (std::int64_t c = 0; c < colours; ++c) {
        for (std::int64_t p = 0; p < result.shape.H; ++p) {
            for (std::int64_t q = 0; q < result.shape.W; ++q) {
                const double got = sample_at(result, c, p, q), wanted = reference.at(c, p, q);
                if (std::isnan(got) && std::isnan(wanted)) continue;
                if (std::abs(got - wanted) <= tolerance * std::max(1.0, std::abs(wanted))) continue;
                CAPTURE(c);
                CAPTURE(p);
                CAPTURE(q);
                CHECK(got == doctest::Approx(wanted));
                ++wrong;
            }
        }
    }
    CHECK(wrong == 0);
}

}  // namespace conv::test
