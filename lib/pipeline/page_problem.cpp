#include "pipeline/page_problem.hpp"

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "base/size.hpp"
#include "pipeline/band_plan.hpp"
#include "pipeline/counted_results.hpp"
#include "pipeline/selection.hpp"
#include "tensor/window.hpp"

namespace conv {
namespace {

/// The padding that centres output p on input p * stride by the anchor, P = ceil(H / stride).
std::pair<std::int64_t, std::int64_t> same_padding(std::int64_t size, std::int64_t stride,
                                                   std::int64_t window, std::int64_t before) {
    const std::int64_t outputs = ceil_div(size, stride);
    return {before, std::max<std::int64_t>((outputs - 1) * stride + window - size - before, 0)};
}

/// The padding that gives as many outputs as same, its halves as equal as they can be.
Padding halved_padding(const Shape& shape, std::int64_t high, std::int64_t wide,
                       const FilterSettings& s) {
    const auto all = [](std::int64_t size, std::int64_t stride, std::int64_t window) {
        return std::max<std::int64_t>((ceil_div(size, stride) - 1) * stride + window - size, 0);
    };
    const std::int64_t rows = all(shape.H, s.stride_h, high),
                       columns = all(shape.W, s.stride_w, wide);
    const bool upper = s.padding_rule == PaddingRule::same_upper;
    const std::int64_t top = upper ? rows / 2 : rows - rows / 2;
    const std::int64_t left = upper ? columns / 2 : columns - columns / 2;
    return {top, rows - top, left, columns - left};
}

Padding resolved_padding(const Bank& bank, const Shape& shape, const FilterSettings& s) {
    const std::int64_t high = s.dilation_h * (bank.R - 1), wide = s.dilation_w * (bank.S - 1);
    switch (s.padding_rule) {
        case PaddingRule::same_upper:
        case PaddingRule::same_lower:
            return halved_padding(shape, high + 1, wide + 1, s);
        case PaddingRule::valid:
            return {};
        case PaddingRule::given:
            return s.padding;
        case PaddingRule::full:
            return {high, high, wide, wide};
        case PaddingRule::same:
            break;
    }
    const auto [top, bottom] =
        same_padding(shape.H, s.stride_h, high + 1, s.dilation_h * bank.anchor.y);
    const auto [left, right] =
        same_padding(shape.W, s.stride_w, wide + 1, s.dilation_w * bank.anchor.x);
    return {top, bottom, left, right};
}

/// Whether results are more than rounded to the depth: decoded light, blends, other roundings.
bool sums_count(const FilterSettings& settings) {
    return settings.encode || settings.rounding != Rounding::half_even ||
           (settings.selection && settings.selection->blends());
}

/// Whether all that is done with the sums is to round them to the depth.
bool sums_are_rounded(const ChannelSource& input, const FilterSettings& settings) {
    return !input.source.alpha_weighted && settings.combine == Combine::stack &&
           settings.range != ValueRange::rescale && !sums_count(settings) &&
           settings.channels.kind != ChannelSelection::Kind::luma && settings.verify_on == nullptr;
}

/// What rounding to an integer depth hides of a sum: a quarter of a level, shared by the maps that
/// are combined.
double rounding_slack(const Bank& bank, SampleType from, const FilterSettings& settings) {
    if (settings.depth == SampleType::f32 || settings.range == ValueRange::rescale ||
        sums_count(settings))
        return 0;
    const double maps = settings.combine == Combine::stack ? 1 : static_cast<double>(bank.K);
    // Grey made of 8-bit samples is float32, and its results may be scaled as theirs are.
    const bool words = settings.depth == SampleType::u16;
    const double factor = from == SampleType::f32 && words
                              ? depth_factor(SampleType::u8, SampleType::u16)
                              : depth_factor(from, settings.depth);
    return 0.25 / (factor * maps);
}

/// Results stand on the page's samples where some of these may stay.
void require_selectable(const Image& page, const ChannelPlan& channels, const Problem& p,
                        const FilterSettings& settings) {
    if (!settings.selection) return;
    settings.selection->require_fits(page.shape.H, page.shape.W);
    if (p.P() != p.H || p.Q() != p.W || !is_same_padding(settings.padding_rule)) {
        fail(ErrorKind::usage,
             "--region and --mask leave the input's samples where they are, and {} x {} would "
             "become "
             "{} x {}: use --padding same and stride 1",
             p.W, p.H, p.Q(), p.P());
    }
    if (channels.result_channels() != page.shape.C || channels.has_alpha != page.has_alpha ||
        (channels.conversion == ChannelPlan::Conversion::gray && !channels.luma)) {
        fail(ErrorKind::usage,
             "--region and --mask keep samples of the input: its {} channels must be those of the "
             "result, use 2-D kernels and no --channels gray or --alpha drop",
             page.shape.C);
    }
    if (settings.range == ValueRange::rescale && settings.depth != SampleType::f32) {
        fail(ErrorKind::usage,
             "--region and --mask keep samples of the input, which --range rescale would move, use "
             "--range clamp or abs");
    }
}

}  // namespace

PageProblem::PageProblem(const Bank& bank, const Image& page, const FilterSettings& settings)
    : bank_(bank),
      page_(page),
      settings_(settings),
      channels_(plan_channels(page, bank, settings)),
      input_(load_channels(page, channels_, bank, settings,
                           RowRange{0, page.samples ? page.shape.H : 0})),
      problem_(filter_problem(bank, input_, settings)) {
    require_selectable(page, channels_, problem_, settings);
    if (settings.nodata) require_centres(problem_, bank);
}

Weights PageProblem::weights() const {
    return channels_.weighted ? bank_.weights_without_bias() : bank_.weights();
}

SampleType PageProblem::stored_type() const {
    return settings_.range == ValueRange::rescale ? SampleType::f32 : settings_.depth;
}

Shape PageProblem::result_shape() const {
    return {1, channels_.result_channels(), problem_.P(), problem_.Q()};
}

std::int64_t PageProblem::result_count() const {
    return bank_.each_channel && settings_.combine == Combine::stack ? bank_.K : 1;
}

std::int64_t PageProblem::result_bytes() const {
    const std::int64_t results = result_count() * picture_bytes(stored_type(), result_shape());
    const Image& converted = input_.converted;
    return results + (converted.samples ? picture_bytes(converted.type, converted.shape) : 0);
}

std::int64_t PageProblem::value_count(RowRange rows) const {
    const Shape shape = result_shape();
    const auto copied = static_cast<std::int64_t>(channels_.copied.size());
    std::int64_t width = shape.W;
    if (settings_.selection && settings_.selection->region()) {
        const Region& region = *settings_.selection->region();
        width = region.width;
        rows = common_rows(rows, {region.y, region.height});
    }
    return result_count() * (shape.C - copied) * rows.count * width;
}

Image PageProblem::new_result(std::int64_t height) const {
    Shape shape = result_shape();
    shape.H = height;
    Image result = picture_like(page_, stored_type(), shape);
    result.has_alpha = channels_.has_alpha;
    return result;
}

std::vector<Image> PageProblem::new_results(std::int64_t height) const {
    std::vector<Image> results;
    for (std::int64_t k = 0; k < result_count(); ++k) results.push_back(new_result(height));
    return results;
}

Problem filter_problem(const Bank& bank, const ChannelSource& input,
                       const FilterSettings& settings) {
    Problem p;
    p.facts.slack = rounding_slack(bank, units_of(settings, input.source.type), settings);
    p.facts.samples = input.source.type;
    p.facts.alpha_weighted = input.source.alpha_weighted;
    if (sums_are_rounded(input, settings)) p.facts.results = settings.depth;
    p.N = input.lanes;
    p.C = input.source.shape.C;
    p.H = input.source.shape.H;
    p.W = input.source.shape.W;
    p.K = bank.K;
    p.R = bank.R;
    p.S = bank.S;
    p.groups = settings.groups;
    p.stride_h = settings.stride_h;
    p.stride_w = settings.stride_w;
    p.dilation_h = settings.dilation_h;
    p.dilation_w = settings.dilation_w;
    checked_product({p.dilation_h, p.R, 4}, "the dilated kernel height");
    checked_product({p.dilation_w, p.S, 4}, "the dilated kernel width");
    p.padding = resolved_padding(bank, input.source.shape, settings);
    if (p.padding != Padding{}) p.border = input.border;  // else nothing outside is read
    validate(p);
    return p;
}

}  // namespace conv
