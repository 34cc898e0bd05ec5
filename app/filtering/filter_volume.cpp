#include "filtering/filter_volume.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "files/pixel_rows.hpp"
#include "filtering/filter_chain.hpp"
#include "tensor/window.hpp"

namespace conv {
namespace {

void fill(const Image& slice, double value) {
    for (std::int64_t h = 0; h < slice.shape.H; ++h) {
        for (std::int64_t w = 0; w < slice.shape.W; ++w) {
            const std::int64_t at = h * slice.strides.H + w * slice.strides.W;
            if (slice.type == SampleType::u8)
                slice.data<std::uint8_t>()[at] = static_cast<std::uint8_t>(value);
            if (slice.type == SampleType::u16)
                slice.data<std::uint16_t>()[at] = static_cast<std::uint16_t>(value);
            if (slice.type == SampleType::f32) slice.data<float>()[at] = static_cast<float>(value);
        }
    }
}

std::int64_t slices_in_front(const FilterStage& stage) {
    const std::int64_t D = stage.bank.C;
    switch (stage.settings.padding_rule) {
        case PaddingRule::valid:
        case PaddingRule::given:
            return 0;
        case PaddingRule::full:
            return D - 1;
        case PaddingRule::same_upper:
            return (D - 1) / 2;
        case PaddingRule::same:
        case PaddingRule::same_lower:
            break;
    }
    return stage.settings.flip ? D - 1 - D / 2 : D / 2;
}

/// The D slices that result z reads, as channels of one picture.
Image slab(const std::vector<Image>& slices, std::int64_t z, const FilterStage& stage) {
    const std::int64_t D = stage.bank.C, front = slices_in_front(stage);
    const Image& first = slices.front();
    const auto count = static_cast<std::int64_t>(slices.size());
    Image channels = Image::planar(first.type, D, first.shape.H, first.shape.W);
    for (std::int64_t d = 0; d < D; ++d) {
        const Border& border = stage.settings.border;
        // A turned kernel is turned in z too.
        const std::int64_t at = stage.settings.flip ? D - 1 - d : d;
        const std::int64_t from = border_index(border.mode, z + at - front, count);
        const Image to = channel_of(channels, d);
        if (from < 0) {
            fill(to, static_cast<double>(border.value(0)));
        } else {
            copy_rows(slices[static_cast<std::size_t>(from)], to);
        }
    }
    return channels;
}

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

}  // namespace

std::vector<Image> slices_of(const ImageDocument& document) {
    std::vector<Image> slices;
    if (document.pages.size() == 1) {
        const Image& page = document.pages.front();
        for (std::int64_t c = 0; c < page.shape.C; ++c) slices.push_back(channel_of(page, c));
        return slices;
    }
    for (const Image& page : document.pages) {
        if (page.shape.C != 1 || !(page.shape == document.pages.front().shape) ||
            page.type != document.pages.front().type) {
            fail(ErrorKind::usage,
                 "--volume: page {} is {} x {} with {} channels, give pages of one channel, size "
                 "and depth",
                 slices.size(), page.shape.W, page.shape.H, page.shape.C);
        }
        slices.push_back(page);
    }
    return slices;
}

std::int64_t result_slices(std::int64_t slices, const FilterStage& stage) {
    const Bank& bank = stage.bank;
    if (bank.each_channel || bank.K != 1) {
        fail(ErrorKind::usage,
             "--volume takes one kernel of D x R x S, as 'shape: 3 3 3' or a .npy");
    }
    if (rescales(stage.settings)) {
        fail(ErrorKind::usage, "--volume: slices have no range together, use --range clamp or abs");
    }
    const std::int64_t more = stage.settings.padding_rule == PaddingRule::full    ? bank.C - 1
                              : stage.settings.padding_rule == PaddingRule::valid ? 1 - bank.C
                                                                                  : 0;
    if (slices + more >= 1) return slices + more;
    fail(ErrorKind::usage, "--volume: {} slices are fewer than the kernel's {}, use --padding same",
         slices, bank.C);
}

Image volume_of(std::vector<std::vector<Image>> pages) {
    const Image& first = pages.front().front();
    Image volume = Image::planar(first.type, static_cast<std::int64_t>(pages.size()), first.shape.H,
                                 first.shape.W);
    for (std::size_t z = 0; z < pages.size(); ++z)
        copy_rows(pages[z].front(), channel_of(volume, static_cast<std::int64_t>(z)));
    return volume;
}

FilterResult filter_volume(std::span<const Device> devices, const FilterStage& stage,
                           const std::vector<Image>& slices) {
    const auto count = static_cast<std::int64_t>(slices.size());
    std::vector<FilterStage> stages;
    // What a column makes of the border's constant is another constant for the plane.
    const Border& border = stage.settings.border;
    const bool other_border = border.mode == BorderMode::constant && border.value(0) != 0;
    if (stage.bank.R * stage.bank.S > 1 && stage.bank.C > 1 && !stage.settings.nodata &&
        !other_border)
        stages = factors(stage);
    if (stages.empty()) stages = {stage};
    link_stages(stages, slices.front().type);
    FilterResult result;
    for (std::int64_t z = 0; z < result_slices(count, stage); ++z) {
        std::vector<Image> pages;
        pages.push_back(slab(slices, z, stage));
        FilterResult one = filter_chain(devices, stages, std::move(pages));
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
    result.report.decisions.push_back(
        fmt::format("volume: {} slices, {} at a time{}", count, stage.bank.C,
                    stages.size() > 1 ? ", the kernel is a column in z times a plane" : ""));
    return result;
}

}  // namespace conv
