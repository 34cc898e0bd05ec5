#include "pipeline/channels.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "pipeline/channel_conversion.hpp"
#include "tensor/transfer.hpp"
#include "tensor/window.hpp"

namespace conv {
namespace {

using Kind = ChannelSelection::Kind;
using Conversion = ChannelPlan::Conversion;

void require_colours(std::int64_t colours, const char* option) {
    if (colours == 1 || colours == 3) return;
    fail(ErrorKind::usage, "{} needs R, G, B or one grey channel, the picture has {} channels",
         option, colours);
}

void require_listed_channels(const Image& page, const std::vector<std::int64_t>& list) {
    for (const std::int64_t c : list) {
        if (c >= page.shape.C) {
            fail(ErrorKind::usage, "--channels names channel {}, the picture has channels 0 to {}",
                 c, page.shape.C - 1);
        }
    }
}

/// A constant border has one value, or one for each channel of the page.
void require_border_values(const Image& page, const Border& border) {
    const auto count = static_cast<std::int64_t>(border.values.size());
    if (count <= 1 || count == page.shape.C) return;
    fail(ErrorKind::usage,
         "--border {} has {} values, the picture {} channel{}{}: give one value{}",
         format_border(border), count, page.shape.C, page.shape.C == 1 ? "" : "s",
         page.has_alpha ? " with alpha" : "",
         page.shape.C == 1 ? "" : fmt::format(" or {}", page.shape.C));
}

AlphaRule rule_for_planes(const Image& page, const Bank& bank, const FilterSettings& settings) {
    const auto& list = settings.channels.list;
    const bool alpha_unlisted = settings.channels.kind == Kind::list &&
                                std::find(list.begin(), list.end(), page.shape.C - 1) == list.end();
    if (settings.alpha == AlphaRule::weighted && bank.has_zero_sum()) {
        fail(ErrorKind::usage,
             "--alpha weighted divides by the kernel's sum, which is zero, use "
             "--alpha copy or straight");
    }
    if (settings.alpha) return *settings.alpha;
    return alpha_unlisted || bank.has_zero_sum() ? AlphaRule::copy : AlphaRule::weighted;
}

void decide_copies(const Image& page, const FilterSettings& settings, ChannelPlan& plan) {
    if (settings.channels.kind == Kind::list) {
        const auto& list = settings.channels.list;
        for (std::int64_t c = 0; c < plan.colours; ++c) {
            if (std::find(list.begin(), list.end(), c) == list.end())
                plan.copied.emplace_back(c, c);
        }
    }
    if (plan.has_alpha && plan.rule == AlphaRule::copy) {
        plan.copied.emplace_back(plan.colours, page.shape.C - 1);
    }
}

ChannelPlan plan_planes(const Image& page, const Bank& bank, const FilterSettings& settings) {
    if (settings.groups != 1) {
        fail(ErrorKind::usage,
             "--groups {} needs a K x C/G x R x S bank, a 2-D kernel filters every channel by "
             "itself",
             settings.groups);
    }
    ChannelPlan plan;
    plan.colours = colours_of(page);
    if (page.has_alpha) plan.rule = rule_for_planes(page, bank, settings);
    plan.has_alpha = page.has_alpha && plan.rule != AlphaRule::drop;
    plan.weighted = page.has_alpha && plan.rule == AlphaRule::weighted;
    plan.alpha_filtered = plan.weighted || (plan.has_alpha && plan.rule == AlphaRule::straight);
    const Kind kind = settings.channels.kind;
    if (kind == Kind::list) require_listed_channels(page, settings.channels.list);
    const std::int64_t alpha_inputs = plan.alpha_filtered ? 1 : 0;
    plan.inputs = plan.colours + alpha_inputs;
    if (kind == Kind::gray || kind == Kind::luma) {
        require_colours(plan.colours, kind == Kind::gray ? "--channels gray" : "--channels luma");
        plan.luma = kind == Kind::luma && plan.colours > 1;
        if (plan.colours > 1) plan.conversion = Conversion::gray;
        plan.inputs = 1 + alpha_inputs;
        if (kind == Kind::gray) plan.colours = 1;
        plan.decisions.push_back(plan.luma ? "channels: the BT.601 luma is filtered, colours kept"
                                           : "channels: BT.601 grey");
    }
    decide_copies(page, settings, plan);
    return plan;
}

[[noreturn]] void refuse_channel_count(const Image& page, std::int64_t inputs, const Bank& bank,
                                       const FilterSettings& settings) {
    // A C x R x S kernel on a grey picture was probably meant as C kernels of one channel each.
    const bool looks_like_maps = bank.K == 1 && bank.C > 1 && inputs == 1;
    fail(ErrorKind::usage,
         "the kernel takes {} channels and the picture has {}{}, use --channels, --groups or {}",
         bank.C * settings.groups, inputs, page.has_alpha ? " (and alpha)" : "",
         looks_like_maps
             ? fmt::format("a bank of {} kernels, shape {} 1 {} {}", bank.C, bank.C, bank.R, bank.S)
             : std::string("a 2-D kernel, which filters each channel"));
}

/// For C x R x S kernels and banks: which channels are the input, and what alpha does.
ChannelPlan plan_maps(const Image& page, const Bank& bank, const FilterSettings& settings) {
    ChannelPlan plan;
    std::int64_t colours = colours_of(page), all = page.shape.C;
    const Kind kind = settings.channels.kind;
    if (kind == Kind::luma) {
        fail(ErrorKind::usage,
             "--channels luma needs a 2-D kernel, use gray or a list of channels");
    }
    if (kind == Kind::gray) {
        require_colours(colours, "--channels gray");
        if (colours > 1) plan.conversion = Conversion::gray;
        colours = all = 1;
    } else if (kind == Kind::list) {
        require_listed_channels(page, settings.channels.list);
        plan.conversion = Conversion::select;
        plan.lists_inputs = true;
        colours = all = static_cast<std::int64_t>(settings.channels.list.size());
    }
    const std::int64_t wanted = bank.C * settings.groups;
    const bool straight = settings.alpha == AlphaRule::straight;
    if (!(wanted == colours && !straight) && wanted != all) {
        refuse_channel_count(page, straight ? all : colours, bank, settings);
    }
    if (page.has_alpha && wanted == all && wanted != colours && settings.alpha && !straight) {
        fail(ErrorKind::usage,
             "--alpha {} leaves {} channels and the kernel takes all {}, use --alpha straight",
             alpha_rule_name(*settings.alpha), colours, wanted);
    }
    if (page.has_alpha && settings.alpha == AlphaRule::weighted) {
        fail(ErrorKind::usage,
             "--alpha weighted needs 2-D kernels, use --alpha copy, straight or drop");
    }
    plan.rule = settings.alpha.value_or(wanted == colours ? AlphaRule::copy : AlphaRule::straight);
    plan.has_alpha = page.has_alpha && plan.rule == AlphaRule::copy;
    plan.inputs = wanted;
    plan.colours = bank.K;
    if (plan.has_alpha) plan.copied.emplace_back(plan.colours, page.shape.C - 1);
    return plan;
}

/// What stands in results for what does not count, as it is stored in their depth, must be one of
/// its values.
void require_result_holds(const Nodata& nodata, SampleType page, const FilterSettings& settings) {
    if (settings.depth == SampleType::f32 || is_missing_mark(nodata.result)) return;
    const double stored = static_cast<double>(nodata.result) * depth_factor(page, settings.depth);
    if (stored == std::floor(stored) && stored >= 0 && stored <= sample_maximum(settings.depth))
        return;
    fail(ErrorKind::usage, "--nodata {:g}{} cannot be stored in {} samples, use --depth f32{}",
         nodata.result, nodata.of_file ? ", which the file states," : "",
         sample_type_name(settings.depth), nodata.of_file ? " or --nodata none" : "");
}

std::string nodata_decision(const Nodata& nodata) {
    return fmt::format("nodata: samples of {:g}{} do not count and stay as they are", nodata.value,
                       nodata.of_file ? " (the file's tag 42113)" : "");
}

}  // namespace

std::int64_t colours_of(const Image& page) {
    return page.shape.C - (page.has_alpha ? 1 : 0);
}

ChannelPlan plan_channels(const Image& page, const Bank& bank, const FilterSettings& settings) {
    require_border_values(page, settings.border);
    ChannelPlan plan =
        bank.each_channel ? plan_planes(page, bank, settings) : plan_maps(page, bank, settings);
    if (settings.decode && plan.conversion != Conversion::gray)
        plan.conversion = Conversion::linear;
    if (settings.decode)
        plan.decisions.push_back("light: filtered as linear light, decoded from and encoded to " +
                                 settings.decode->name());
    plan.full_opacity = sample_maximum(units_of(settings, page.type));
    if (settings.nodata) {
        require_result_holds(*settings.nodata, units_of(settings, page.type), settings);
        plan.decisions.push_back(nodata_decision(*settings.nodata));
    }
    if (page.has_alpha) {
        plan.decisions.push_back(fmt::format("alpha: {}{}", alpha_rule_name(plan.rule),
                                             settings.alpha ? "" : " (the default here)"));
    }
    return plan;
}

Source source_of(const Image& from, const ChannelPlan& plan, const Bank& bank) {
    if (bank.each_channel) {
        Source source = channels_as_pictures(from, plan.inputs);
        source.alpha_weighted = plan.weighted;
        return source;
    }
    Source source(from.type, from.samples.get(), from.shape, from.strides);
    source.shape.C = plan.inputs;
    return source;
}

Nodata source_nodata(const ChannelPlan& plan, const FilterSettings& settings) {
    const bool marked =
        plan.conversion == Conversion::gray || plan.conversion == Conversion::linear;
    return marked ? Nodata{kMissingSample, kMissingSample} : *settings.nodata;
}

ChannelSource load_channels(const Image& page, const ChannelPlan& plan, const Bank& bank,
                            const FilterSettings& settings, std::optional<RowRange> held) {
    const RowRange rows = held.value_or(RowRange{0, page.shape.H});
    const Image band = rows_of(page, rows.first, rows.count);
    ChannelSource loaded;
    loaded.converted = converted_channels(band, plan, settings);
    loaded.border = converted_border(page, plan, settings);
    const bool converts = plan.conversion != Conversion::none;
    const Image from = converts ? window_of(loaded.converted, rows.first, page.shape.H) : page;
    loaded.read = from;
    loaded.source = source_of(from, plan, bank);
    if (!bank.each_channel) return loaded;
    // Planar channels lie far apart: they are filtered one by one, unless alpha ties them together.
    const bool planar = from.shape.C > 1 && from.strides.W == 1;
    loaded.lanes = planar && !plan.weighted ? 1 : plan.inputs;
    return loaded;
}

}  // namespace conv
