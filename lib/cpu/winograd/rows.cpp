#include "cpu/winograd/rows.hpp"

#include <algorithm>

#include "cpu/tile/lanes.hpp"
#include "cpu/winograd/transform.hpp"

namespace conv {
namespace {}  // namespace

WinogradRows::WinogradRows(const Problem& p, const Source& src, std::int64_t picture,
                           std::int64_t channel, std::int64_t count, float* memory)
    : p_(p),
      src_(src),
      picture_(picture),
      channel_(channel),
      count_(count),
      constants_(memory),
      rows_(memory + kLanes) {
    const auto view = src.floats();
    if (!view || p.N > 1 || view->strides.W != 1 || count < kLanes) return;
    plane_ = view;
    for (std::int64_t c = 0; c < kLanes; ++c) {
        constants_[c] = constant_value(p.border, src, 0, channel + c);
    }
}

std::int64_t WinogradRows::floats(const Problem& p, std::int64_t width) {
    return kLanes + kLanes * width * p.N;
}

void WinogradRows::read(std::int64_t h, std::int64_t first, std::int64_t width, float* out) const {
    if (!plane_) return read_padded(h, first, width, out);
    const std::int64_t row = border_index(p_.border.mode, h, p_.H);
    if (row >= 0) return read_inside(row, first, width, out);
    for (std::int64_t x = 0; x < width; ++x) std::copy_n(constants_, kLanes, out + x * kLanes);
}

void WinogradRows::read_inside(std::int64_t row, std::int64_t first, std::int64_t width,
                               float* out) const {
    const float* samples = &(*plane_)(0, channel_, row, 0);
    const std::int64_t step = plane_->strides.C;
    const auto fill = [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t x = begin; x < end; ++x) {
            const std::int64_t w = border_index(p_.border.mode, first + x, p_.W);
            for (std::int64_t c = 0; c < kLanes; ++c) {
                out[x * kLanes + c] = w < 0 ? constants_[c] : samples[c * step + w];
            }
        }
    };
    const std::int64_t inside = std::clamp<std::int64_t>(-first, 0, width);
    const std::int64_t outside = std::clamp(p_.W - first, inside, width);
    fill(0, inside);
    winograd_pack(samples + first + inside, step, outside - inside, out + inside * kLanes);
    fill(outside, width);
}

void WinogradRows::read_padded(std::int64_t h, std::int64_t first, std::int64_t width,
                               float* out) const {
    const std::int64_t step = width * p_.N;
    std::fill_n(rows_, kLanes * step, 0.0F);
    for (std::int64_t c = 0; c < count_; ++c) {
        float* row = rows_ + c * step;
        pad_row(src_, p_.border, channel_ + c, h, first, width, row);
        if (p_.N == 1) continue;
        for (std::int64_t w = 0; w < width; ++w) row[w] = row[w * p_.N + picture_];
    }
    winograd_pack(rows_, step, width, out);
}

}  // namespace conv
