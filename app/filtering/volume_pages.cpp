#include "filtering/volume_pages.hpp"

#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "files/pixel_rows.hpp"
#include "pipeline/report.hpp"
#include "pipeline/rescaling.hpp"
#include "tensor/window.hpp"

namespace conv {
namespace {

template <typename T>
void fill_with(const Image& slice, T value) {
    for (std::int64_t h = 0; h < slice.shape.H; ++h) {
        T* row = slice.data<T>() + h * slice.strides.H;
        for (std::int64_t w = 0; w < slice.shape.W; ++w) row[w * slice.strides.W] = value;
    }
}

void fill(const Image& slice, float value) {
    switch (slice.type) {
        case SampleType::u8:
            return fill_with(slice, static_cast<std::uint8_t>(value));
        case SampleType::u16:
            return fill_with(slice, static_cast<std::uint16_t>(value));
        case SampleType::f32:
            break;
    }
    fill_with(slice, value);
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

}  // namespace

std::int64_t SlabRule::slice(std::int64_t z, std::int64_t d) const {
    return border_index(border.mode, z + (turned ? depth - 1 - d : d) - front, slices);
}

SlabRule slab_rule(const FilterStage& stage, std::int64_t slices) {
    return {stage.bank.C,        slices_in_front(stage), slices, result_slices(slices, stage),
            stage.settings.flip, stage.settings.border};
}

/// The rows of one slab, from slices in memory.
class VolumePages::Slab : public RowReader {
public:
    Slab(VolumePages& volume, std::int64_t z) : volume_(volume), z_(z) {
        const PictureInfo& form = volume.form_;
        const SlabRule& rule = volume.rule_;
        info_ = {form.type, {1, rule.depth, form.shape.H, form.shape.W}, false, rule.depth > 1};
    }

    const PictureInfo& info() const override { return info_; }
    bool can_seek() const override { return true; }
    std::int64_t memory_bytes() const override { return volume_.memory_bytes(); }

    void read(RowRange rows, const Image& band) override {
        volume_.load(z_);
        for (std::int64_t d = 0; d < info_.shape.C; ++d) {
            const std::int64_t from = volume_.rule_.slice(z_, d);
            const Image to = channel_of(band, d);
            if (from < 0) {
                fill(to, volume_.rule_.border.value(0));
            } else {
                copy_rows(rows_of(volume_.held_.at(from), rows.first, rows.count), to);
            }
        }
    }

private:
    VolumePages& volume_;
    std::int64_t z_;
    PictureInfo info_;
};

VolumePages::VolumePages(std::unique_ptr<RowFileReader> stack, const SlabRule& rule)
    : stack_(std::move(stack)), rule_(rule), form_(stack_->header(0).picture) {
    if (form_.shape.C > 1) {
        fail(ErrorKind::usage, "--volume: a page has {} channels, give pages of one channel",
             form_.shape.C);
    }
    reader_bytes_ = stack_->rows(0)->memory_bytes();
}

std::int64_t VolumePages::memory_bytes() const {
    return rule_.depth * picture_bytes(form_.type, form_.shape) + reader_bytes_;
}

PageHeader VolumePages::header(std::int64_t page) {
    const std::int64_t on =
        std::clamp<std::int64_t>(page + rule_.depth / 2 - rule_.front, 0, rule_.slices - 1);
    PageHeader header = stack_->header(on);
    header.picture = Slab(*this, page).info();
    return header;
}

std::unique_ptr<RowReader> VolumePages::rows(std::int64_t page) {
    return std::make_unique<Slab>(*this, page);
}

/// Has the slices of a slab at hand, in the order of the file, and no others.
void VolumePages::load(std::int64_t page) {
    std::set<std::int64_t> needed;
    for (std::int64_t d = 0; d < rule_.depth; ++d) {
        const std::int64_t from = rule_.slice(page, d);
        if (from >= 0) needed.insert(from);
    }
    std::erase_if(held_, [&](const auto& held) { return !needed.contains(held.first); });
    for (const std::int64_t number : needed) load_slice(number);
}

void VolumePages::load_slice(std::int64_t number) {
    if (held_.contains(number)) return;
    const PictureInfo picture = stack_->header(number).picture;
    if (!same_form(picture, form_)) {
        fail(ErrorKind::usage,
             "--volume: page {} is {} x {} with {} channels, give pages of one channel, size and "
             "depth",
             number, picture.shape.W, picture.shape.H, picture.shape.C);
    }
    Image slice = Image::interleaved(form_.type, 1, form_.shape.H, form_.shape.W);
    const std::unique_ptr<RowReader> rows = stack_->rows(number);
    rows->read({0, form_.shape.H}, slice);
    rows->finish();
    held_.emplace(number, std::move(slice));
}

}  // namespace conv
