#include "filtering/filter_volume.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "files/pixel_rows.hpp"
#include "files/row_document.hpp"
#include "filtering/filter_chain.hpp"
#include "tensor/window.hpp"

namespace conv {
namespace {

/// The kernel as a column in z and a plane, where it is their product to float32's precision.
std::vector<FilterStage> factors(const FilterStage& stage) {
    const Bank& bank = stage.bank;
    const std::int64_t plane = bank.R * bank.S;
    const auto value = [&](std::int64_t d, std::int64_t i) {
        return static_cast<double>(bank.values[static_cast<std::size_t>(d * plane + i)]);
    };
    const auto largest = static_cast<std::int64_t>(std::distance(
        bank.values.begin(),
        std::max_element(bank.values.begin(), bank.values.end(),
                         [](float a, float b) { return std::abs(a) < std::abs(b); })));
    const std::int64_t pivot_d = largest / plane, pivot_i = largest % plane;
    const double pivot = value(pivot_d, pivot_i);
    if (pivot == 0) return {};
    constexpr double kPrecision = 1.2e-7;
    for (std::int64_t d = 0; d < bank.C; ++d) {
        for (std::int64_t i = 0; i < plane; ++i) {
            const double product = value(d, pivot_i) * value(pivot_d, i) / pivot;
            if (std::abs(product - value(d, i)) > kPrecision * std::abs(pivot)) return {};
        }
    }
    Kernel column, flat;
    column.rank = 3;
    column.C = bank.C;
    column.name = flat.name = "a factor of the kernel";
    column.format = flat.format = "numbers";
    flat.R = bank.R;
    flat.S = bank.S;
    for (std::int64_t d = 0; d < bank.C; ++d) column.values.push_back(value(d, pivot_i) / pivot);
    for (std::int64_t i = 0; i < plane; ++i) flat.values.push_back(value(pivot_d, i));
    FilterSettings settings = stage.settings;  // the kernel is made ready already
    settings.flip = settings.flip_rows = false;
    settings.scale = 1;
    settings.normalization = Normalization::none;
    settings.bias.reset();
    settings.anchor.reset();
    FilterSettings last = settings;
    if (!bank.bias.empty()) last.bias = {static_cast<double>(bank.bias.front())};
    last.anchor = bank.anchor;
    return {{make_bank({column}, settings), settings}, {make_bank({flat}, last), last}};
}

/// What a column makes of the border's constant is another constant for the plane.
bool may_be_factored(const FilterStage& stage) {
    const Border& border = stage.settings.border;
    return stage.bank.R * stage.bank.S > 1 && stage.bank.C > 1 &&
           !(border.mode == BorderMode::constant && border.value(0) != 0);
}

/// Slices beyond the ends hold the border's constant as samples do.
void require_constant(const FilterStage& stage, SampleType type) {
    const Border& border = stage.settings.border;
    if (border.mode != BorderMode::constant || stage.bank.C == 1) return;
    const float x = border.value(0);
    const bool whole =
        x == std::nearbyint(x) && x >= 0 && static_cast<double>(x) <= sample_maximum(type);
    if (type != SampleType::f32 && !whole) {
        fail(ErrorKind::usage,
             "--volume: slices of {} hold no border of {}, use a whole number of their range or "
             "another --border",
             sample_type_name(type), x);
    }
}

}  // namespace

void refuse_volume_nodata(const FilterSettings& settings) {
    if (!settings.nodata) return;
    fail(ErrorKind::usage,
         "--volume: samples of {}, which the file says do not count, are not left out in three "
         "dimensions, use --nodata none, or leave --volume out",
         settings.nodata->value);
}

VolumePlan plan_volume(const FilterStage& stage, std::int64_t slices, SampleType type) {
    VolumePlan plan{slab_rule(stage, slices), {}, {}};
    require_constant(stage, type);
    refuse_volume_nodata(stage.settings);
    if (may_be_factored(stage)) plan.stages = factors(stage);
    if (plan.stages.empty()) plan.stages = {stage};
    link_stages(plan.stages, type);
    plan.decision =
        fmt::format("volume: {} slices, {} at a time{}", slices, stage.bank.C,
                    plan.stages.size() > 1 ? ", the kernel is a column in z times a plane" : "");
    return plan;
}

ImageDocument stack_of(ImageDocument document) {
    if (document.pages.size() != 1 || document.pages.front().shape.C == 1) return document;
    const Image all = std::move(document.pages.front());
    document.pages.clear();
    for (std::int64_t c = 0; c < all.shape.C; ++c) document.pages.push_back(channel_of(all, c));
    return document;
}

ImageDocument middle_slab(ImageDocument document, const FilterStage& stage) {
    ImageDocument stack = stack_of(std::move(document));
    ImageDocument slab = stack;
    const SlabRule rule = slab_rule(stage, static_cast<std::int64_t>(stack.pages.size()));
    slab.notes.push_back(fmt::format("volume: slice {} of {}, made from {}", rule.results / 2 + 1,
                                     rule.results, rule.depth));
    VolumePages volume(document_rows(std::move(stack), DocumentPages::stay), rule);
    const std::unique_ptr<RowReader> rows = volume.rows(rule.results / 2);
    const Shape& shape = rows->info().shape;
    slab.pages = {Image::planar(rows->info().type, shape.C, shape.H, shape.W)};
    slab.array_rank = 3;
    rows->read({0, shape.H}, slab.pages.front());
    return slab;
}

Image volume_of(std::vector<std::vector<Image>> pages) {
    const Image& first = pages.front().front();
    Image volume = Image::planar(first.type, static_cast<std::int64_t>(pages.size()), first.shape.H,
                                 first.shape.W);
    for (std::size_t z = 0; z < pages.size(); ++z)
        copy_rows(pages[z].front(), channel_of(volume, static_cast<std::int64_t>(z)));
    return volume;
}

FilterResult filter_volume(std::span<const Device> devices, const std::vector<FilterStage>& stages,
                           RowFileReader& volume) {
    FilterResult result;
    for (std::int64_t z = 0; z < volume.page_count(); ++z) {
        const std::unique_ptr<RowReader> rows = volume.rows(z);
        const Shape& shape = rows->info().shape;
        Image slab = Image::planar(rows->info().type, shape.C, shape.H, shape.W);
        rows->read({0, shape.H}, slab);
        FilterResult one = filter_chain(devices, stages, {std::move(slab)});
        const Lost lost = result.report.lost;
        const std::int64_t values = result.report.values;
        if (z == 0) result.report = std::move(one.report);
        if (z > 0) {
            result.report.lost = lost;
            result.report.lost += one.report.lost;
            result.report.values = values + one.report.values;
        }
        result.pages.push_back(std::move(one.pages.front()));
    }
    return result;
}

}  // namespace conv
