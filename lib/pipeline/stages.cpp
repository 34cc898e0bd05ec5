#include "pipeline/stages.hpp"

#include "base/error.hpp"
#include "pipeline/channels.hpp"
#include "tensor/window.hpp"

namespace conv {
namespace {

void link_first(FilterSettings& s) {
    s.depth = SampleType::f32;
    s.range = ValueRange::clamp;
    s.stride_h = s.stride_w = 1;
    s.rounding = Rounding::half_even;
    s.encode = nullptr;
    s.selection = nullptr;
    if (s.nodata && s.nodata->kind() == Nodata::Kind::number) s.nodata->result = kMissingSample;
}

void link_later(FilterSettings& s, SampleType first) {
    s.units = units_of(s, first);
    s.decode = nullptr;
    if (s.nodata && s.nodata->kind() == Nodata::Kind::number) s.nodata->value = kMissingSample;
}

}  // namespace

FilterSettings step_settings(const FilterSettings& settings, std::size_t step) {
    FilterSettings s = settings;
    if (step == 0) return s;
    s.combine = Combine::stack;
    s.bias.reset();
    s.anchor.reset();
    return s;
}

PictureInfo stage_result(const PictureInfo& page, const FilterStage& stage) {
    const ChannelPlan plan = plan_channels(without_samples(page), stage.bank, stage.settings);
    PictureInfo result = page;
    result.type = SampleType::f32;
    result.shape.C = plan.result_channels();
    result.has_alpha = plan.has_alpha;
    return result;
}

void link_stages(std::span<FilterStage> stages, SampleType first) {
    for (std::size_t i = 0; i < stages.size(); ++i) {
        FilterSettings& s = stages[i].settings;
        const bool last = i + 1 == stages.size();
        if (!last && stages[i].bank.each_channel && stages[i].bank.K > 1 &&
            s.combine == Combine::stack) {
            fail(ErrorKind::usage,
                 "several kernels before --then must be combined first, use --combine sum, max or "
                 "l2");
        }
        if (i > 0) link_later(s, first);
        if (!last) link_first(s);
    }
}

}  // namespace conv
