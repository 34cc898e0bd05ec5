#pragma once

#include <map>
#include <memory>

#include "files/row_file.hpp"
#include "pipeline/stages.hpp"

namespace conv {

/// Which slices of a volume each slice of a result is summed from, and how many there are:
///   dst[z] = sum over d of  kernel[d] * src[z + d - front],   z in [0, results)
struct SlabRule {
    std::int64_t depth = 1;   ///< D, slices that are summed
    std::int64_t front = 0;   ///< of them before the one that the result stands on
    std::int64_t slices = 1;  ///< of the volume
    std::int64_t results = 1;
    bool turned = false;  ///< the kernel is turned in z
    Border border;

    /// The slice of the volume that is plane d of result z, by the border's rule; -1: its constant.
    std::int64_t slice(std::int64_t z, std::int64_t d) const;
};

/// The rule of a kernel of D x R x S over a volume of `slices` slices. Throws Error{usage} where
/// there is no result, or the kernel has no depth.
SlabRule slab_rule(const FilterStage& stage, std::int64_t slices);

/// The pages of a stack as slabs: for each result slice one page whose D channels are the slices
/// that it is summed from. No more slices are held than a slab has, and each is read once unless
/// the border wraps.
class VolumePages : public RowFileReader {
public:
    /// Pages of `stack` are slices. Throws Error{usage} where they have several channels.
    VolumePages(std::unique_ptr<RowFileReader> stack, const SlabRule& rule);

    const ImageDocument& document() const override { return stack_->document(); }
    std::int64_t page_count() const override { return rule_.results; }
    PageHeader header(std::int64_t page) override;
    /// Reading them throws Error{usage} where a slice has another form than the first.
    std::unique_ptr<RowReader> rows(std::int64_t page) override;

private:
    class Slab;
    void load(std::int64_t page);
    void load_slice(std::int64_t number);
    std::int64_t memory_bytes() const;

    std::unique_ptr<RowFileReader> stack_;
    SlabRule rule_;
    PictureInfo form_;  ///< of one slice
    std::int64_t reader_bytes_ = 0;
    std::map<std::int64_t, Image> held_;
};

}  // namespace conv
