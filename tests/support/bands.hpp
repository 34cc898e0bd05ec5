#pragma once

#include <doctest/doctest.h>

#include <cstring>
#include <vector>

#include "files/pixel_rows.hpp"
#include "files/row_document.hpp"
#include "pipeline/row_filter.hpp"
#include "support/filtering.hpp"
#include "tensor/window.hpp"

namespace conv::test {

/// The result pictures of a page whose rows are read and filtered in bands.
inline std::vector<Image> filter_in_bands(const std::vector<Kernel>& kernels, const Image& page,
                                          const FilterSettings& settings, const BandLimits& limits,
                                          const Device& device = test_device()) {
    const Bank bank = make_bank(kernels, settings);
    const auto input = document_rows(document_of(page));
    RowFilter filter({&device, 1}, bank, input->header(0).picture, settings);
    filter.prepare(limits);
    std::vector<Image> results;
    const Shape shape = filter.page().result_shape();
    const auto rows = input->rows(0);
    std::int64_t next = 0;
    filter.run(*rows, [&](RowRange range, const std::vector<Image>& bands) {
        CHECK(range.first == next);
        next += range.count;
        for (std::size_t k = 0; k < bands.size(); ++k) {
            if (k == results.size()) {
                results.push_back(Image::planar(bands[k].type, shape.C, shape.H, shape.W));
                results.back().has_alpha = bands[k].has_alpha;
            }
            copy_rows(bands[k], rows_of(results[k], range.first, range.count));
        }
    });
    CHECK(next == shape.H);
    return results;
}

inline bool same_bytes(const Image& a, const Image& b) {
    if (!(a.shape == b.shape) || a.type != b.type || a.has_alpha != b.has_alpha) return false;
    const Image x = planar_copy(a), y = planar_copy(b);
    return std::memcmp(x.samples.get(), y.samples.get(),
                       static_cast<std::size_t>(picture_bytes(x.type, x.shape))) == 0;
}

inline void check_bands(const std::vector<Kernel>& kernels, const Image& page,
                        const FilterSettings& settings) {
    const std::vector<Image> whole = filter(kernels, {page}, settings).pages.at(0);
    for (const bool reads_again : {false, true}) {
        if (reads_again && settings.border.mode != BorderMode::wrap) continue;
        for (const std::int64_t band_rows : {1, 7, 64}) {
            CAPTURE(band_rows);
            CAPTURE(reads_again);
            const std::vector<Image> bands =
                filter_in_bands(kernels, page, settings, {0, band_rows, {}, reads_again});
            REQUIRE(bands.size() == whole.size());
            for (std::size_t k = 0; k < bands.size(); ++k) CHECK(same_bytes(bands[k], whole[k]));
        }
    }
}

}  // namespace conv::test
