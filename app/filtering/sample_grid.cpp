#include "filtering/sample_grid.hpp"

namespace conv {

SampleGrid sample_grid(const Problem& problem, const Bank& bank) {
    const auto offset = [](std::int64_t anchor, std::int64_t dilation, std::int64_t before) {
        return static_cast<double>(anchor * dilation - before);
    };
    return {static_cast<double>(problem.stride_w), static_cast<double>(problem.stride_h),
            offset(bank.anchor.x, problem.dilation_w, problem.padding.left),
            offset(bank.anchor.y, problem.dilation_h, problem.padding.top)};
}

namespace {

/// A grid inside another.
SampleGrid composed(const SampleGrid& outer, const SampleGrid& inner) {
    return {outer.scale_x * inner.scale_x, outer.scale_y * inner.scale_y,
            outer.offset_x + outer.scale_x * inner.offset_x,
            outer.offset_y + outer.scale_y * inner.offset_y};
}

}  // namespace

SampleGrid sample_grid(const ChainFilter& chain) {
    SampleGrid grid;
    for (std::size_t i = 0; i < chain.size(); ++i)
        grid = composed(grid, sample_grid(chain.stage(i).problem(), chain.settings(i).bank));
    return grid;
}

SampleGrid sample_grid(const FilterReport& report, std::span<const FilterStage> stages) {
    if (report.steps.size() != stages.size())
        return sample_grid(parse_problem(report.problem), stages.back().bank);
    SampleGrid grid;
    for (std::size_t i = 0; i < stages.size(); ++i)
        grid = composed(grid, sample_grid(parse_problem(report.steps[i].problem), stages[i].bank));
    return grid;
}

}  // namespace conv
