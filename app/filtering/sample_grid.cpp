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

}  // namespace conv
