#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "files/page_patch.hpp"
#include "pipeline/row_filter.hpp"

namespace conv {

/// The page with all that lies outside of a region as it is encoded; nothing where there is no
/// region, results have another depth, or the reader cannot give it. `page` is its number,
/// `picture` what the reader says of it.
std::optional<PagePatch> region_patch(RowFileReader& reader, std::int64_t page,
                                      const PictureInfo& picture, const FilterSettings& settings);

/// A page begun in a file. Where `changed` is there, only these rows need be written, and `patched`
/// is the writer of the others.
struct BegunPage {
    std::unique_ptr<RowWriter> rows;
    PatchWriter* patched = nullptr;
    std::optional<RowRange> changed;
};
BegunPage begin_page(RowFileWriter& writer, const PageHeader& header,
                     const std::optional<PagePatch>& patch);

/// Filters rows `rows` of the results and no more than the whole blocks that hold them; `take` gets
/// these rows alone.
std::vector<Tally> filter_part_of_rows(RowFilter& filter, RowReader& reader, RowRange rows,
                                       const RowFilter::Take& take);

/// What -v says of a page that is begun so.
inline constexpr const char* kCopiedBlocks =
    "region: strips and tiles outside of it are copied as they are encoded";

}  // namespace conv
