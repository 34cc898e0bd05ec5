#include "pipeline/report.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "pipeline/page_filter.hpp"

namespace conv {

void Totals::add(const std::vector<Tally>& tallies) {
    for (const Tally& tally : tallies) {
        lost += tally.lost;
        least = std::min(least, tally.least);
        greatest = std::max(greatest, tally.greatest);
    }
}

std::pair<double, double> Totals::extremes() const {
    if (greatest >= least) return {least, greatest};
    return {0, 0};
}

void describe_first_page(const PageFilter& filter, FilterReport& report) {
    const PageProblem& page = filter.page();
    const FilterSettings& settings = page.settings();
    report.problem = format_problem(page.problem());
    report.choice = filter.choice();
    report.threads = filter.threads();
    report.workspace_bytes = filter.workspace_bytes();
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

std::string padding_decision(const Problem& p, const FilterSettings& s) {
    if (p.padding == Padding{}) {
        return fmt::format("padding: {}, nothing outside the picture is read",
                           padding_rule_name(s.padding_rule));
    }
    return fmt::format("padding: {}, top {}, bottom {}, left {}, right {}; border {}",
                       padding_rule_name(s.padding_rule), p.padding.top, p.padding.bottom,
                       p.padding.left, p.padding.right, format_border(p.border));
}

}  // namespace conv
