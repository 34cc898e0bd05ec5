#include "conv.hpp"

#include <iterator>

#include "base/error.hpp"
#include "devices.hpp"
#include "kernels/builtin.hpp"
#include "kernels/kernel_text.hpp"
#include "pipeline/filter.hpp"

namespace conv {
namespace {

void require_one_result(const FilterKernel& kernel, const FilterSettings& settings) {
    const std::size_t count = kernel.kernels().size();
    if (count == 1 || settings.combine != Combine::stack) return;
    fail(ErrorKind::usage,
         "{} are {} kernels with a result each, use filter_bank or combine sum, max or l2",
         kernel.kernels().front().name, count);
}

}  // namespace

FilterKernel::FilterKernel(const std::string& text)
    : kernels_(is_builtin_reference(text) ? make_builtin(text) : parse_kernel_text(text, text)) {}

FilterKernel::FilterKernel(std::int64_t R, std::int64_t S, std::vector<double> values) {
    if (R < 1 || S < 1 || static_cast<std::int64_t>(values.size()) != R * S) {
        fail(ErrorKind::usage, "a kernel of {} x {} has {} numbers, one for each cell is needed", R,
             S, values.size());
    }
    Kernel kernel;
    kernel.R = R;
    kernel.S = S;
    kernel.values = std::move(values);
    kernel.name = "the kernel";
    kernels_.push_back(std::move(kernel));
}

Image filter(const Image& picture, const FilterKernel& kernel) {
    FilterSettings settings;
    settings.depth = picture.type;
    return filter(picture, kernel, settings);
}

Image filter(const Image& picture, const FilterKernel& kernel, const FilterSettings& settings) {
    require_one_result(kernel, settings);
    return filter_bank(picture, {kernel}, settings).front();
}

std::vector<Image> filter_bank(const Image& picture, const std::vector<FilterKernel>& kernels,
                               const FilterSettings& settings) {
    std::vector<Kernel> all;
    for (const FilterKernel& kernel : kernels) {
        all.insert(all.end(), kernel.kernels().begin(), kernel.kernels().end());
    }
    const Devices devices = open_devices();
    const Bank bank = make_bank(all, settings);
    FilterResult result = filter_pages(devices.found.front(), bank, {picture}, settings);
    return std::move(result.pages.front());
}

void filter_rows(RowReader& rows, const FilterKernel& kernel, const FilterSettings& settings,
                 const RowFilter::Take& take) {
    require_one_result(kernel, settings);
    const Devices devices = open_devices();
    const Bank bank = make_bank(kernel.kernels(), settings);
    RowFilter filter(devices.found, bank, rows.info(), settings);
    filter.prepare({});
    filter.run(rows, take);
}

}  // namespace conv
