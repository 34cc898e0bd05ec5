#include "compare/subject.hpp"

#include <algorithm>
#include <cmath>

#include "pipeline/page_filter.hpp"

namespace conv {
namespace {

constexpr double kEpsilon = 1.0 / (1 << 23);

/// The largest finite |sample| of the source, its border's constants included.
double largest_sample(const Source& source, const Border& border) {
    double largest = 0;
    const auto add = [&largest](float x) {
        if (std::isfinite(x)) largest = std::max(largest, std::abs(static_cast<double>(x)));
    };
    std::vector<float> row(static_cast<std::size_t>(source.shape.W * source.shape.N));
    const bool together = interleaved_batch(source.shape, source.strides) || source.alpha_weighted;
    const std::int64_t lanes = together ? source.shape.N : 1;
    for (std::int64_t n = 0; n < source.shape.N; n += lanes) {
        for (std::int64_t c = 0; c < source.shape.C; ++c) {
            for (std::int64_t h = 0; h < source.shape.H; ++h) {
                source.batch(n, lanes).read_row(c, h, 0, source.shape.W, row.data());
                std::for_each_n(row.begin(), source.shape.W * lanes, add);
            }
        }
    }
    for (const float value : border.values) add(value);
    return largest;
}

std::int64_t sums_count(const Subject& subject) {
    const Shape shape = subject.problem().dst_shape();
    return checked_product({subject.pictures(), shape.N, shape.C, shape.H, shape.W},
                           "a method's result");
}

}  // namespace

Subject::Subject(Image page, Bank bank, const FilterSettings& settings)
    : page_(std::move(page)),
      bank_(std::move(bank)),
      settings_(settings),
      channels_(plan_channels(page_, bank_, settings_)),
      input_(load_channels(page_, channels_, bank_, settings_)),
      problem_(filter_problem(bank_, input_, settings_)) {
    problem_.results = SampleType::f32;  // sums are what is compared
    problem_.finite = all_finite(input_.source, settings_.limits.threads);
    bounds_ = make_bounds();
}

Weights Subject::weights() const {
    // Under weighted alpha the bias is added after the division by the opacity.
    return channels_.weighted ? bank_.weights_without_bias() : bank_.weights();
}

std::vector<double> Subject::make_bounds() const {
    const double M = largest_sample(source(), problem_.border);
    const std::int64_t n = problem_.group_channels() * problem_.R * problem_.S;
    const Weights operands = weights();
    std::vector<double> bounds;
    for (std::int64_t k = 0; k < problem_.K; ++k) {
        double norm = 0;
        for (const float w : operands.values.subspan(static_cast<std::size_t>(k * n),
                                                     static_cast<std::size_t>(n))) {
            norm += std::abs(static_cast<double>(w));
        }
        const double bias =
            operands.bias.empty()
                ? 0.0
                : std::abs(static_cast<double>(operands.bias[static_cast<std::size_t>(k)]));
        bounds.push_back(4 * kEpsilon * std::sqrt(static_cast<double>(n)) * (M * norm + bias));
    }
    return bounds;
}

Sums::Sums(const Subject& subject, std::int64_t block_rows)
    : values(sums_count(subject)), shape(subject.problem().dst_shape()) {
    arrange(block_rows);
    std::fill_n(values.data(), values.size(), std::nanf(""));
}

void Sums::arrange(std::int64_t block_rows) {
    const auto [N, K, P, Q] = shape;
    // As in filtering: maps apart for a method that computes the picture whole, else rows.
    strides = block_rows >= P ? Strides{1, P * Q * N, Q * N, N} : Strides{1, Q * N, K * Q * N, N};
}

TensorView<float> Sums::picture(std::int64_t index) {
    const std::int64_t each = shape.N * shape.C * shape.H * shape.W;
    return {values.data() + index * each, shape, strides};
}

void run_plan(const Subject& subject, const Plan& plan, int threads, Sums& sums,
              const std::function<bool()>& stopped) {
    const auto destination = [&](std::int64_t picture, RowRange rows, int) {
        if (stopped()) throw Interrupted();
        return sums.picture(picture).rows(rows.first, rows.count);
    };
    run_blocks(plan, subject.problem(), subject.source(), threads, {destination, nullptr});
}

}  // namespace conv
