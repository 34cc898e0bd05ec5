#include "filtering/kept_rows.hpp"

#include <algorithm>
#include <utility>

#include "tensor/window.hpp"

namespace conv {
namespace {

/// A dense picture of that form.
Image new_picture(const PictureInfo& form) {
    const auto [N, C, H, W] = form.shape;
    Image picture = form.planar ? Image::planar(form.type, C, H, W)
                                : Image::interleaved(form.type, C, H, W, form.has_alpha);
    picture.has_alpha = form.has_alpha;
    return picture;
}

}  // namespace

void KeptRows::begin_page(std::int64_t height, Metadata metadata) {
    pages_.push_back({height, std::move(metadata), {}});
}

void KeptRows::add(RowRange rows, const std::vector<Image>& bands) {
    Bands kept{rows, {}, size_};
    for (const Image& band : bands) {
        const PictureInfo form = info_of(band);
        const auto bytes = static_cast<std::int64_t>(sample_bytes(band.type));
        const std::int64_t planes = form.planar ? band.shape.C : 1;
        const std::int64_t plane = picture_bytes(band.type, band.shape) / planes;
        for (std::int64_t c = 0; c < planes; ++c) {
            file_.append({band.data<const std::uint8_t>() + c * band.strides.C * bytes,
                          static_cast<std::size_t>(plane)});
        }
        size_ += planes * plane;
        kept.forms.push_back(form);
    }
    pages_.back().bands.push_back(std::move(kept));
}

std::int64_t KeptRows::largest_bytes(std::int64_t page) const {
    std::int64_t most = 0;
    for (const Bands& kept : at(page).bands) {
        std::int64_t bytes = 0;
        for (const PictureInfo& form : kept.forms) bytes += picture_bytes(form.type, form.shape);
        most = std::max(most, bytes);
    }
    return most;
}

void KeptRows::for_each(
    std::int64_t page, const std::function<void(RowRange, const std::vector<Image>&)>& take) const {
    for (const Bands& kept : at(page).bands) {
        std::int64_t offset = kept.offset;
        std::vector<Image> bands;
        for (const PictureInfo& form : kept.forms) {
            bands.push_back(new_picture(form));
            const std::int64_t bytes = picture_bytes(form.type, form.shape);
            file_.read_at(offset, bands.back().data<std::uint8_t>(),
                          static_cast<std::size_t>(bytes));
            offset += bytes;
        }
        take(kept.rows, bands);
    }
}

}  // namespace conv
