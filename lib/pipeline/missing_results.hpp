#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/filtered_page.hpp"
#include "pipeline/result_row.hpp"

namespace conv {

/// Sets what stands where nothing counts: the sample under the anchor, bit for bit, where that is
/// what does not count, else Nodata::result, both in the units of the depth.
class MissingResults {
public:
    /// All that `of` refers to must outlive this object. Only with settings.nodata.
    explicit MissingResults(const FilteredPage& of);

    /// Notes in `marks` which of `count` values are kMissingSample, and puts 0 in their place.
    static void take(float* values, std::int64_t count, std::vector<std::int64_t>& marks);
    /// Fills in the marked values of a row that is stored.
    void put(const Image& result, const ResultPlace& place,
             const std::vector<std::int64_t>& marks) const;

private:
    const Image& page_;
    const Problem& problem_;
    const Nodata& nodata_;
    Anchor anchor_;
    bool keeps_samples_;
    double factor_;
};

}  // namespace conv
