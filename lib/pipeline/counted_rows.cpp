#include "pipeline/counted_rows.hpp"

#include <algorithm>
#include <cstring>

#include "pipeline/normalised_line.hpp"
#include "tensor/missing.hpp"
#include "tensor/moved_rows.hpp"
#include "tensor/window.hpp"

namespace conv {
namespace {

bool is_planar(const Image& picture) {
    return picture.shape.C > 1 && picture.strides.W == 1;
}

/// Row `row` of a picture, channel `channel`.
template <typename T>
T* line_of(const Image& picture, std::int64_t row, std::int64_t channel) {
    return picture.data<T>() + row * picture.strides.H + channel * picture.strides.C;
}

/// A run of samples of one channel, `from_step` and `to_step` apart.
struct Run {
    std::int64_t count, from_step, to_step;
};

/// m x and m of one channel, or opacity, whose m is 1 or what it weighs.
template <typename T, typename Count, typename Test>
bool count_run(const T* from, T* values, Count* counts, const Run& run, const Test& is_missing) {
    bool any = false;
    for (std::int64_t i = 0; i < run.count; ++i) {
        const T x = from[i * run.from_step];
        const bool missing = is_missing(x);
        values[i * run.to_step] = missing ? T{0} : x;
        counts[i * run.to_step] = static_cast<Count>(missing ? 0 : 1);
        any = any || missing;
    }
    return any;
}

template <typename T, typename Count>
void count_opacity(const T* from, T* values, Count* counts, const Run& run, bool weighs) {
    for (std::int64_t i = 0; i < run.count; ++i) {
        const T x = from[i * run.from_step];
        values[i * run.to_step] = x;
        counts[i * run.to_step] = weighs ? static_cast<Count>(x) : Count{1};
    }
}

/// Where one row goes: a row of each band.
struct RowOfBands {
    const Image& values;
    const Image& counts;
    std::int64_t at;
};

template <typename T, typename Count>
bool count_channels(const Image& picture, std::int64_t row, const CountedPart& channels,
                    const Nodata& nodata, const RowOfBands& to) {
    const Run run{picture.shape.W, picture.strides.W, to.values.strides.W};
    const auto is_missing = [&](T x) { return nodata.matches(static_cast<float>(x)); };
    bool any = false;
    for (std::int64_t c = 0; c < channels.count; ++c) {
        const T* from = line_of<const T>(picture, row, channels.first + c);
        T* values = line_of<T>(to.values, to.at, c);
        auto* counts = line_of<Count>(to.counts, to.at, c);
        if (channels.opacity && c == channels.count - 1) {
            count_opacity(from, values, counts, run, channels.weighs);
            continue;
        }
        bool found = false;
        if constexpr (std::is_same_v<Count, std::uint8_t>) {
            found = run.from_step == 1 && run.to_step == 1
                        ? separate_missing(from, run.count, nodata, values, counts)
                        : count_run(from, values, counts, run, is_missing);
        } else {
            found = count_run(from, values, counts, run, is_missing);
        }
        any = any || found;
    }
    return any;
}

/// Pixels without gaps, all channels of the picture being counted.
bool is_dense(const Image& picture, const CountedPart& channels) {
    return !channels.weighs && picture.strides.W == channels.count &&
           (channels.count == 1 || picture.strides.C == 1);
}

/// Whether any sample of the row is missing.
template <typename T>
bool count_row(const Image& picture, std::int64_t row, const CountedPart& channels,
               const Nodata& nodata, const RowOfBands& to) {
    if (channels.weighs) return count_channels<T, T>(picture, row, channels, nodata, to);
    if (!is_dense(picture, channels))
        return count_channels<T, std::uint8_t>(picture, row, channels, nodata, to);
    const std::int64_t W = picture.shape.W;
    const T* from = line_of<const T>(picture, row, channels.first);
    T* values = line_of<T>(to.values, to.at, 0);
    auto* counts = line_of<std::uint8_t>(to.counts, to.at, 0);
    const bool any = separate_missing(from, W * channels.count, nodata, values, counts);
    if (channels.opacity) {
        const std::int64_t last = channels.count - 1;
        count_opacity(from + last, values + last, counts + last,
                      {W, channels.count, channels.count}, false);
    }
    return any;
}

}  // namespace

std::int64_t CountedRows::bytes(std::int64_t rows, std::int64_t width, SampleType type,
                                const CountedPart& channels) {
    const auto size = static_cast<std::int64_t>(sample_bytes(type));
    return rows * width * (channels.count * (size + (channels.weighs ? size : 1)) + 1);
}

void CountedRows::make_room(const Image& picture, std::int64_t rows, const CountedPart& channels) {
    if (band_values_.samples && band_values_.shape.H >= rows) return;
    const SampleType counts = channels.weighs ? picture.type : SampleType::u8;
    const Shape shape{1, channels.count, rows, picture.shape.W};
    band_values_ = picture_like(picture, picture.type, shape);
    band_counts_ = picture_like(picture, counts, shape);
    const bool several = channels.count > 1 && !channels.weighs && !is_planar(picture);
    band_common_ = several ? Image::interleaved(SampleType::u8, 1, rows, picture.shape.W) : Image();
    rows_alike_.assign(static_cast<std::size_t>(rows), false);
    held_ = {};
}

/// Moves the rows that are wanted, and held, to the top of the bands.
void CountedRows::keep(RowRange rows) {
    const std::int64_t skipped = rows.first - held_.first;
    if (skipped < 0 || skipped >= held_.count) {
        held_ = {rows.first, 0};
        return;
    }
    const std::int64_t count = std::min(held_.count - skipped, rows.count);
    move_rows(band_values_, skipped, count, band_values_);
    move_rows(band_counts_, skipped, count, band_counts_);
    if (band_common_.samples) move_rows(band_common_, skipped, count, band_common_);
    std::copy_n(rows_alike_.begin() + skipped, count, rows_alike_.begin());
    held_ = {rows.first, count};
}

void CountedRows::note_common(std::int64_t at, bool any) {
    if (!band_common_.samples) return;
    const std::int64_t W = band_common_.shape.W;
    auto* common = line_of<std::uint8_t>(band_common_, at, 0);
    if (!any) std::memset(common, 1, static_cast<std::size_t>(W));
    rows_alike_[static_cast<std::size_t>(at)] =
        !any || first_of_equal(line_of<const std::uint8_t>(band_counts_, at, 0), W,
                               band_counts_.shape.C, common);
}

void CountedRows::count(const Image& picture, std::int64_t row, const CountedPart& channels,
                        const Nodata& nodata) {
    const RowOfBands to{band_values_, band_counts_, row - held_.first};
    bool any = false;
    switch (picture.type) {
        case SampleType::u8:
            any = count_row<std::uint8_t>(picture, row, channels, nodata, to);
            break;
        case SampleType::u16:
            any = count_row<std::uint16_t>(picture, row, channels, nodata, to);
            break;
        case SampleType::f32:
            any = count_row<float>(picture, row, channels, nodata, to);
            break;
    }
    note_common(to.at, any);
}

void CountedRows::hold(const Image& picture, RowRange rows, const CountedPart& channels,
                       const Nodata& nodata) {
    const std::int64_t end = rows.first + rows.count;
    make_room(picture, rows.count, channels);
    if (rows.first < held_.first || end > held_.first + held_.count) keep(rows);
    for (; held_.first + held_.count < end; ++held_.count)
        count(picture, held_.first + held_.count, channels, nodata);
    const auto at = rows_alike_.begin() + (rows.first - held_.first);
    // Of the rows asked for alone, so that it does not depend on what came before.
    alike_ = band_common_.samples && std::all_of(at, at + rows.count, [](bool a) { return a; });
    const std::int64_t H = picture.shape.H;
    values_ = window_of(band_values_, held_.first, H);
    counts_ = window_of(band_counts_, held_.first, H);
    if (band_common_.samples) common_counts_ = window_of(band_common_, held_.first, H);
}

}  // namespace conv
