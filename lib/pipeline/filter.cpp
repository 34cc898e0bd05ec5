#include "pipeline/filter.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "pipeline/page_queue.hpp"

namespace conv {
namespace {

struct Totals {
    Lost lost;
    double least = std::numeric_limits<double>::infinity();
    double greatest = -std::numeric_limits<double>::infinity();

    void add(const std::vector<Tally>& tallies) {
        for (const Tally& tally : tallies) {
            lost += tally.lost;
            least = std::min(least, tally.least);
            greatest = std::max(greatest, tally.greatest);
        }
    }
};

void rescale_all(FilterResult& result, SampleType from, const FilterSettings& settings,
                 const Totals& totals) {
    const bool any = totals.greatest >= totals.least;
    const double least = any ? totals.least : 0, greatest = any ? totals.greatest : 0;
    result.report.rescaled_from = {least, greatest};
    for (auto& page : result.pages) {
        for (Image& picture : page) {
            picture =
                rescale_picture(picture, from, settings.depth, least, greatest, result.report.lost);
        }
    }
}

void add_times(std::optional<DeviceTimes>& sum, const DeviceTimes& times) {
    if (!sum) sum = DeviceTimes{};
    sum->upload += times.upload;
    sum->compute += times.compute;
    sum->download += times.download;
}

void describe_first_page(const PageFilter& page, const FilterSettings& settings,
                         FilterReport& report) {
    report.problem = format_problem(page.problem());
    report.choice = page.choice();
    report.threads = page.threads();
    report.workspace_bytes = page.workspace_bytes();
    if (page.page().has_alpha) report.alpha = page.channels().rule;
    for (const std::string& decision : page.channels().decisions)
        report.decisions.push_back(decision);
    report.decisions.push_back(padding_decision(page.problem(), settings));
    if (settings.anchor && settings.padding_rule != PaddingRule::same) {
        report.decisions.push_back("anchor: ignored, it only matters with --padding same");
    }
    report.decisions.push_back(
        fmt::format("method: {}, {}", report.choice.method->name, report.choice.reason));
    report.decisions.push_back(fmt::format("device: {}, {}", report.choice.device->name,
                                           report.choice.device->description));
}

}  // namespace

std::string padding_decision(const Problem& p, const FilterSettings& s) {
    const char* rule = s.padding_rule == PaddingRule::same    ? "same"
                       : s.padding_rule == PaddingRule::valid ? "valid"
                       : s.padding_rule == PaddingRule::full  ? "full"
                                                              : "given";
    return fmt::format("padding: {}, top {}, bottom {}, left {}, right {}; border {}", rule,
                       p.padding.top, p.padding.bottom, p.padding.left, p.padding.right,
                       format_border(p.border));
}

FilterResult filter_pages(const Device& device, const Bank& bank, std::vector<Image> pages,
                          const FilterSettings& settings) {
    return filter_pages(std::span(&device, 1), bank, std::move(pages), settings);
}

FilterResult filter_pages(std::span<const Device> devices, const Bank& bank,
                          std::vector<Image> pages, const FilterSettings& settings) {
    FilterResult result;
    FilterReport& report = result.report;
    report.decisions = bank.decisions;
    Totals totals;
    std::int64_t memory = 0;
    for (const Image& page : pages) memory += picture_bytes(page.type, page.shape);
    const SampleType type = pages.front().type;
    FilterSettings shared = settings;
    shared.limits.pages = static_cast<std::int64_t>(pages.size());
    PageQueue queue(devices, bank, shared, [&](PageJob& job, bool plan_goes_on) {
        const PageFilter& page = job.filter;
        totals.add(job.tallies);
        // The plan's times are those of all pages that share it.
        if (page.plan().device_times && !plan_goes_on) {
            add_times(report.device_times, page.plan().device_times());
        }
        if (!page.fallback().empty()) report.fallback = page.fallback();
        if (result.pages.empty()) {
            describe_first_page(page, settings, report);
            if (job.checks) report.decisions.push_back(job.checks->summary());
        }
        report.values += page.value_count();
        memory += page.result_bytes();
        result.pages.push_back(std::move(job.filter.results()));
        job.page.samples.reset();
    });
    for (Image& page : pages) queue.push(page, memory);
    queue.finish_all();
    report.lost = totals.lost;
    if (settings.range == ValueRange::rescale && settings.depth != SampleType::f32) {
        rescale_all(result, type, settings, totals);
    }
    return result;
}

}  // namespace conv
