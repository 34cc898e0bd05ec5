#include "filtering/filter_chain.hpp"

#include "files/pixel_rows.hpp"
#include "files/row_document.hpp"
#include "pipeline/rescaling.hpp"
#include "pipeline/row_filter.hpp"
#include "tensor/window.hpp"

namespace conv {
namespace {

ImageDocument alone(const Image& page) {
    ImageDocument document;
    document.pages.push_back(page);
    return document;
}

/// One page through a chain; its result pictures.
std::vector<Image> filter_page(RowFilter& filter, const Image& page, FilterReport& report,
                               Totals& totals) {
    const PageProblem& last = filter.page();
    std::vector<Image> results = last.new_results(last.result_shape().H);
    const auto input = document_rows(alone(page));
    const auto rows = input->rows(0);
    totals.add(filter.run(*rows, [&](RowRange range, const std::vector<Image>& bands) {
        for (std::size_t k = 0; k < bands.size(); ++k)
            copy_rows(bands[k], rows_of(results[k], range.first, range.count));
    }));
    report.values += last.value_count();
    return results;
}

/// What the stages say after the page has gone through.
void report_stages(const RowFilter& filter, bool first_page, FilterReport& report) {
    for (std::size_t i = 0; i < filter.chain().size(); ++i) {
        const PageFilter& stage = filter.chain().stage(i);
        if (stage.plan().device_times) add_times(report.device_times, stage.plan().device_times());
        if (!first_page) continue;
        if (!stage.fallback().empty()) report.fallback = stage.fallback();
        for (std::string& found : stage.check_summaries())
            report.decisions.push_back(std::move(found));
    }
}

}  // namespace

FilterResult filter_chain(std::span<const Device> devices, const std::vector<FilterStage>& stages,
                          std::vector<Image> pages) {
    const FilterSettings& settings = stages.back().settings;
    if (stages.size() == 1)
        return filter_pages(devices, stages.front().bank, std::move(pages), settings);
    FilterResult result;
    Totals totals;
    BandLimits limits{settings.limits.memory_in_use, {}};
    for (const Image& page : pages) limits.memory_in_use += picture_bytes(page.type, page.shape);
    const SampleType units = pages.front().type;
    for (Image& page : pages) {
        RowFilter filter(devices, stages, info_of(page));
        filter.prepare(limits);
        if (result.pages.empty()) {
            describe_chain(filter.chain(), result.report);
            result.report.threads = filter.threads();
            result.report.workspace_bytes = filter.memory_bytes();
        }
        result.pages.push_back(filter_page(filter, page, result.report, totals));
        report_stages(filter, &page == &pages.front(), result.report);
        page.samples.reset();
    }
    result.report.lost = totals.lost;
    if (rescales(settings)) rescale_pages(result, units, settings, totals);
    return result;
}

}  // namespace conv
