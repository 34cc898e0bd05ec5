#include "compare/subject.hpp"

#include <algorithm>
#include <cmath>

#include "pipeline/page_problem.hpp"

namespace conv {
namespace {

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
    problem_.facts.results = SampleType::f32;  // sums are what is compared
    if (!settings_.nodata) return;
    counted_ = count_samples(input_.read, {0, page_.shape.H},
                             {channels_.inputs, channels_.alpha_filtered, channels_.weighted},
                             source_nodata(channels_, settings_));
    input_.source = source_of(counted_.values, channels_, bank_);
}

Weights Subject::weights() const {
    // Under weighted alpha the bias is added after the division by the opacity.
    return channels_.weighted ? bank_.weights_without_bias() : bank_.weights();
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
    const auto destination = [&](std::int64_t picture, RowRange rows) {
        if (stopped()) throw Interrupted();
        return sums.picture(picture).rows(rows.first, rows.count);
    };
    BlockLoop(plan, subject.problem(), threads).run(subject.source(), destination);
}

}  // namespace conv
