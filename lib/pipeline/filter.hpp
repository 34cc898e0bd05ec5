#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/bank.hpp"
#include "pipeline/channels.hpp"
#include "pipeline/settings.hpp"
#include "tensor/convert.hpp"
#include "tensor/image.hpp"

namespace conv {

/// What a filtering did, for -v and --json.
struct FilterReport {
    std::string problem;  ///< text form, of the first page
    Choice choice;        ///< method, reason, what else was considered
    int threads = 1;
    std::int64_t workspace_bytes = 0;  ///< of all threads
    Lost lost;                         ///< values outside the integer depth, after rounding
    std::int64_t values = 0;           ///< result values in all, copied ones not counted
    std::optional<AlphaRule> alpha;    ///< the rule applied; absent without alpha
    std::optional<std::pair<double, double>> rescaled_from;  ///< the values that became 0 and white
    std::optional<DeviceTimes> device_times;  ///< of all pages; absent on the processor
    std::string fallback;  ///< why the processor replaced the device that was chosen; else empty
    std::vector<std::string> decisions;  ///< one line each
};

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

/// The -v line about padding: its rule by name, its numbers, and the border.
std::string padding_decision(const Problem& problem, const FilterSettings& settings);

}  // namespace conv
