#pragma once

#include <span>
#include <vector>

#include "pipeline/bank.hpp"
#include "pipeline/channels.hpp"
#include "pipeline/report.hpp"
#include "pipeline/settings.hpp"
#include "tensor/image.hpp"

namespace conv {

/// Result pictures of each page. 2-D kernels: one picture a kernel (one in all after --combine),
/// with the page's channels. Others: one picture whose channels are the K maps. Alpha comes last
/// where Image::has_alpha. Pictures are planar where the page is, else pixel-interleaved.
struct FilterResult {
    std::vector<std::vector<Image>> pages;
    FilterReport report;
};

/// Filters every page with the bank, in the order of operations convolve, bias, combine, alpha,
/// depth and range, rounding half to even. Throws Error as plan_channels, validate and
/// choose_method do. The result does not depend on the number of threads. The memory of owned pages
/// that nobody else holds is given back row by row while the result grows; borrowed samples
/// (Image::borrowed) are read and left as they are.
FilterResult filter_pages(const Device& device, const Bank& bank, std::vector<Image> pages,
                          const FilterSettings& settings);

/// The same on the device that is predicted to be done first, chosen for each page.
FilterResult filter_pages(std::span<const Device> devices, const Bank& bank,
                          std::vector<Image> pages, const FilterSettings& settings);

/// Brings the float32 results of all pages into the range that they have together; opacity comes in
/// the units of `from`.
void rescale_pages(FilterResult& result, SampleType from, const FilterSettings& settings,
                   const Totals& totals);

void add_times(std::optional<DeviceTimes>& sum, const DeviceTimes& times);

}  // namespace conv
