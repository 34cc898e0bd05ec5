#pragma once

#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <optional>

#include "pipeline/page_filter.hpp"
#include "pipeline/sum_verification.hpp"

namespace conv {

/// A page on its way through filter_pages.
struct PageJob {
    Image& page;
    std::unique_ptr<PageProblem> problem;
    PageFilter filter;
    bool shares_plan = false;  ///< with the job before it
    std::vector<Image> results = {};
    std::optional<SumVerification> checks = std::nullopt;
    std::vector<Tally> tallies = {};
    std::future<void> running = {};  ///< last: it is waited for before anything else goes
};

/// Filters pages and hands them on in the order they came. On the processor a page is done when
/// push() returns; on a device two are under way, so that one is padded and uploaded while the
/// other is computed, and pages of one size share the kernel and the strips on the device.
class PageQueue {
public:
    /// `finished` takes each page's job when it is done, and whether the next job shares its plan.
    /// All arguments must outlive this object.
    PageQueue(std::span<const Device> devices, const Bank& bank, const FilterSettings& settings,
              std::function<void(PageJob& job, bool plan_goes_on)> finished);

    /// Filters `page` beside `memory_in_use` bytes of pictures, the results of this page not
    /// counted. Throws what PageProblem and PageFilter throw, for this page or one before it.
    void push(Image& page, std::int64_t memory_in_use);
    /// Waits for the pages that are still under way.
    void finish_all();

private:
    std::size_t pages_in_flight(const PageFilter& filter) const;
    std::unique_ptr<PageJob> prepare(Image& page, std::int64_t memory_in_use);
    PageFilter new_filter(const PageProblem& problem, std::int64_t memory_in_use);
    void finish_front();

    std::span<const Device> devices_;
    const Bank& bank_;
    const FilterSettings& settings_;
    std::function<void(PageJob&, bool)> finished_;
    std::deque<std::unique_ptr<PageJob>> jobs_;
};

}  // namespace conv
