#include "files/formats/tiff/row_placer.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/error.hpp"

namespace conv {
namespace {

/// Divides colours by alpha: associated alpha holds them multiplied by it.
template <typename Sample>
void make_straight(const Image& picture, Sample* row) {
    const double full = sample_maximum(picture.type);
    const Strides& step = picture.strides;
    const std::int64_t C = picture.shape.C;
    for (std::int64_t x = 0; x < picture.shape.W; ++x) {
        Sample* pixel = row + x * step.W;
        const double alpha = static_cast<double>(pixel[(C - 1) * step.C]);
        for (std::int64_t c = 0; c + 1 < C; ++c) {
            Sample& sample = pixel[c * step.C];
            const double colour = alpha > 0 ? static_cast<double>(sample) * full / alpha : 0;
            if constexpr (std::is_integral_v<Sample>) {
                sample = static_cast<Sample>(std::lround(std::min(colour, full)));
            } else {
                sample = static_cast<Sample>(colour);
            }
        }
    }
}

template <typename Word>
void copy_words(const RowWindow& from, const RowWindow& to, std::int64_t y) {
    const Strides &in = from.image.strides, &out = to.image.strides;
    for (std::int64_t c = 0; c < from.image.shape.C; ++c) {
        const auto* source = reinterpret_cast<const Word*>(from.at(y, 0, c));
        auto* target = reinterpret_cast<Word*>(to.at(y, 0, c));
        for (std::int64_t x = 0; x < from.image.shape.W; ++x) target[x * out.W] = source[x * in.W];
    }
}

bool is_dense(const Image& image) {
    return (image.shape.C == 1 || image.strides.C == 1) && image.strides.W == image.shape.C;
}

}  // namespace

void copy_row(const RowWindow& from, const RowWindow& to, std::int64_t y) {
    const std::size_t bytes = sample_bytes(from.image.type);
    if (is_dense(from.image) && is_dense(to.image)) {
        const auto samples = static_cast<std::size_t>(from.image.shape.W * from.image.shape.C);
        std::memcpy(to.at(y, 0, 0), from.at(y, 0, 0), samples * bytes);
    } else if (bytes == 1) {
        copy_words<std::uint8_t>(from, to, y);
    } else if (bytes == 2) {
        copy_words<std::uint16_t>(from, to, y);
    } else {
        copy_words<std::uint32_t>(from, to, y);
    }
}

std::uint8_t* RowWindow::at(std::int64_t y, std::int64_t x, std::int64_t c) const {
    const Strides& step = image.strides;
    const std::int64_t place = (y - first) * step.H + x * step.W + c * step.C;
    return image.data<std::uint8_t>() + place * static_cast<std::int64_t>(sample_bytes(image.type));
}

RowPlacer::RowPlacer(TIFF* tiff, const TiffPage& page, const std::string& name)
    : page_(page), together_(!page.separate_planes), reader_(page.form) {
    if (page.is_palette()) read_palette(tiff, name);
}

void RowPlacer::read_palette(TIFF* tiff, const std::string& name) {
    std::uint16_t *red = nullptr, *green = nullptr, *blue = nullptr;
    if (TIFFGetField(tiff, TIFFTAG_COLORMAP, &red, &green, &blue) != 1) {
        fail(ErrorKind::input, "{}: the TIFF is damaged: its palette is missing", name);
    }
    const std::size_t count = std::size_t{1} << page_.form.bits;
    std::vector<std::uint16_t> values;
    for (const std::uint16_t* colour : {red, green, blue}) {
        values.insert(values.end(), colour, colour + count);
    }
    // Some writers put 8-bit values where 16 bits belong.
    const bool small = *std::max_element(values.begin(), values.end()) < 256;
    for (const std::uint16_t value : values) {
        palette_.push_back(static_cast<std::uint8_t>(small ? value : value >> 8));
    }
}

void RowPlacer::place_palette(const std::uint8_t* stored, const PixelRun& run,
                              const RowWindow& window) {
    indices_.resize(static_cast<std::size_t>(run.columns));
    reader_.read_indices(stored, run.columns, indices_.data());
    const std::size_t count = palette_.size() / 3;
    for (std::size_t c = 0; c < 3; ++c) {
        std::uint8_t* out = window.at(run.y, run.x, static_cast<std::int64_t>(c));
        for (const std::uint16_t index : indices_) {
            *out = palette_[c * count + index];
            out += window.image.strides.W;
        }
    }
}

void RowPlacer::place(const std::uint8_t* stored, const PixelRun& run, const RowWindow& window) {
    if (page_.is_palette()) return place_palette(stored, run, window);
    const Image& image = window.image;
    const std::int64_t channels = together_ ? page_.channels : 1;
    const SampleSteps steps{channels, image.strides.W, image.strides.C};
    const bool dense = (channels == 1 || image.strides.C == 1) && image.strides.W == channels;
    std::uint8_t* out = window.at(run.y, run.x, run.plane);
    if (page_.form.is_plain() && dense) {
        std::memcpy(out, stored,
                    static_cast<std::size_t>(run.columns * channels) * sample_bytes(image.type));
    } else {
        reader_.read(stored, run.columns, out, steps);
    }
}

void RowPlacer::finish_rows(const RowWindow& window, std::int64_t first, std::int64_t count) const {
    if (!page_.has_associated_alpha()) return;
    for (std::int64_t y = first; y < first + count; ++y) {
        std::uint8_t* row = window.at(y, 0, 0);
        if (window.image.type == SampleType::u8)
            make_straight(window.image, row);
        else if (window.image.type == SampleType::u16)
            make_straight(window.image, reinterpret_cast<std::uint16_t*>(row));
        else
            make_straight(window.image, reinterpret_cast<float*>(row));
    }
}

}  // namespace conv
