#include "pipeline/filter.hpp"

#include "pipeline/page_queue.hpp"
#include "pipeline/rescaling.hpp"

namespace conv {

void rescale_pages(FilterResult& result, SampleType from, const FilterSettings& settings,
                   const Totals& totals) {
    result.report.rescaled_from = totals.extremes();
    const Rescaling rescaling = rescaling_of(from, settings, totals.extremes());
    for (auto& page : result.pages) {
        for (Image& picture : page) {
            picture = rescale_picture(picture, rescaling, result.report.lost);
        }
    }
}

void add_times(std::optional<DeviceTimes>& sum, const DeviceTimes& times) {
    if (!sum) sum = DeviceTimes{};
    *sum += times;
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
    std::int64_t memory = settings.limits.memory_in_use;
    for (const Image& page : pages) memory += picture_bytes(page.type, page.shape);
    const SampleType type = pages.front().type;
    FilterSettings shared = settings;
    shared.limits.pages = static_cast<std::int64_t>(pages.size());
    PageQueue queue(devices, bank, shared, [&](PageJob& job, bool plan_goes_on) {
        const PageFilter& filter = job.filter;
        totals.add(job.tallies);
        // The plan's times are those of all pages that share it.
        if (filter.plan().device_times && !plan_goes_on) {
            add_times(report.device_times, filter.plan().device_times());
        }
        if (job.checks) job.checks->finish();
        if (!filter.fallback().empty()) report.fallback = filter.fallback();
        if (result.pages.empty()) {
            describe_first_page(filter, report);
            if (job.checks) report.decisions.push_back(job.checks->summary());
            for (std::string& summary : filter.check_summaries())
                report.decisions.push_back(std::move(summary));
        }
        report.values += job.problem->value_count();
        memory += job.problem->result_bytes();
        result.pages.push_back(std::move(job.results));
        job.page.samples.reset();
    });
    for (Image& page : pages) queue.push(page, memory);
    queue.finish_all();
    report.lost = totals.lost;
    if (rescales(settings)) {
        rescale_pages(result, type, settings, totals);
    }
    return result;
}

}  // namespace conv
