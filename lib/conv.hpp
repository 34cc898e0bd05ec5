#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/kernel.hpp"
#include "pipeline/row_filter.hpp"
#include "pipeline/settings.hpp"
#include "tensor/image.hpp"
#include "tensor/rows.hpp"
#include "version.hpp"

/// The library in one header: a picture, whole or row by row, filtered in one call.
namespace conv {

/// A kernel as a caller has it.
class FilterKernel {
public:
    /// A built-in by name, "gaussian:sigma=2"; or numbers as text, "0 -1 0; -1 5 -1; 0 -1 0", in
    /// any of the formats of kernels/kernel_text.hpp. Throws Error{usage}. No file is read.
    FilterKernel(const char* text) : FilterKernel(std::string(text)) {}
    FilterKernel(const std::string& text);
    /// R x S numbers, row by row. Throws Error{usage} for a wrong number of them.
    FilterKernel(std::int64_t R, std::int64_t S, std::vector<double> values);
    /// One of any rank.
    FilterKernel(Kernel kernel) : kernels_{std::move(kernel)} {}

    const std::vector<Kernel>& kernels() const { return kernels_; }

private:
    std::vector<Kernel> kernels_;
};

/// One picture filtered on the processor, as filter_pages() in pipeline/filter.hpp. The picture is
/// Image::borrowed of memory that stays the caller's, C x H x W samples in their own units; the
/// result, C (or K) x P x Q of settings.depth, owns its samples. Without settings: the picture's
/// own depth, size "same", border reflect101, the cheapest method. Throws Error as filter_pages,
/// and Error{usage} for several kernels that settings.combine leaves apart. Thread-safe.
Image filter(const Image& picture, const FilterKernel& kernel);
Image filter(const Image& picture, const FilterKernel& kernel, const FilterSettings& settings);

/// The same for several 2-D kernels: one result for each, or one in all after settings.combine.
std::vector<Image> filter_bank(const Image& picture, const std::vector<FilterKernel>& kernels,
                               const FilterSettings& settings);

/// The same for a picture that comes row by row and is never whole in memory: `take` gets the
/// results' rows in order, band by band. Throws what `rows` and `take` throw, too.
void filter_rows(RowReader& rows, const FilterKernel& kernel, const FilterSettings& settings,
                 const RowFilter::Take& take);

}  // namespace conv
