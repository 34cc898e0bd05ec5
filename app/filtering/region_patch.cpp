#include "filtering/region_patch.hpp"

#include <algorithm>

#include "pipeline/band_plan.hpp"
#include "pipeline/selection.hpp"
#include "tensor/window.hpp"

namespace conv {

std::optional<PagePatch> region_patch(RowFileReader& reader, std::int64_t page,
                                      const PictureInfo& picture, const FilterSettings& settings) {
    auto* source = dynamic_cast<EncodedSource*>(&reader);
    const Selection* selection = settings.selection.get();
    if (!source || !selection || !selection->region() || settings.depth != picture.type)
        return std::nullopt;
    const auto& [x, y, width, height] = *selection->region();
    if (width == 0 || height == 0) return std::nullopt;
    auto encoded = source->encoded(page);
    if (!encoded) return std::nullopt;
    return PagePatch{std::move(encoded), x, y, width, height};
}

BegunPage begin_page(RowFileWriter& writer, const PageHeader& header,
                     const std::optional<PagePatch>& patch) {
    BegunPage begun;
    auto* target = dynamic_cast<PatchTarget*>(&writer);
    std::unique_ptr<PatchWriter> patched;
    if (patch && target) patched = target->add_patched_page(header, *patch);
    if (patched) {
        begun.patched = patched.get();
        begun.changed =
            whole_blocks({patch->y, patch->height}, patched->strip_rows(), header.picture.shape.H);
        begun.rows = std::move(patched);
    } else {
        begun.rows = writer.add_page(header);
    }
    return begun;
}

std::vector<Tally> filter_part_of_rows(RowFilter& filter, RowReader& reader, RowRange rows,
                                       const RowFilter::Take& take) {
    const std::int64_t height = filter.page().result_shape().H;
    filter.restrict_to(whole_blocks(rows, filter.filter().plan().block_rows, height));
    return filter.run(reader, [&](RowRange at, const std::vector<Image>& bands) {
        const RowRange wanted = common_rows(at, rows);
        if (wanted.count == 0) return;
        std::vector<Image> parts;
        parts.reserve(bands.size());
        for (const Image& band : bands)
            parts.push_back(rows_of(band, wanted.first - at.first, wanted.count));
        take(wanted, parts);
    });
}

}  // namespace conv
