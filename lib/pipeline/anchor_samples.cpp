#include "pipeline/anchor_samples.hpp"

#include "tensor/source.hpp"

namespace conv {

AnchorSamples::AnchorSamples(const FilteredPage& of) : of_(of) {
    for (std::int64_t q = 0; q < of.problem.Q(); ++q)
        columns_.push_back(border_index(of.problem.border.mode, column(q), of.page.shape.W));
}

/// As if the page went on for ever.
std::int64_t AnchorSamples::row(std::int64_t p) const {
    const Problem& problem = of_.problem;
    return p * problem.stride_h - problem.padding.top + of_.bank.anchor.y * problem.dilation_h;
}

std::int64_t AnchorSamples::column(std::int64_t q) const {
    const Problem& problem = of_.problem;
    return q * problem.stride_w - problem.padding.left + of_.bank.anchor.x * problem.dilation_w;
}

std::int64_t AnchorSamples::page_row(std::int64_t p) const {
    return border_index(of_.problem.border.mode, row(p), of_.page.shape.H);
}

float AnchorSamples::at(std::int64_t channel, std::int64_t h, std::int64_t q) const {
    const Image& page = of_.page;
    const std::int64_t w = columns_[static_cast<std::size_t>(q)];
    if (h < 0 || w < 0) return of_.settings.border.value(channel);
    return Source(page.type, page.samples.get(), page.shape, page.strides).at(0, channel, h, w);
}

bool AnchorSamples::inside(std::int64_t p, std::int64_t q) const {
    const std::int64_t h = row(p), w = column(q);
    return h >= 0 && h < of_.page.shape.H && w >= 0 && w < of_.page.shape.W;
}

}  // namespace conv
