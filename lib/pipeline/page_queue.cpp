#include "pipeline/page_queue.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/parallel.hpp"

namespace conv {

PageQueue::PageQueue(std::span<const Device> devices, const Bank& bank,
                     const FilterSettings& settings,
                     std::function<void(PageJob& job, bool plan_goes_on)> finished)
    : devices_(devices), bank_(bank), settings_(settings), finished_(std::move(finished)) {}

/// One thread of the budget for each page.
std::size_t PageQueue::pages_in_flight(const PageFilter& filter) const {
    constexpr int kMost = 2;
    const bool on_device = filter.plan().device_times != nullptr;
    const int pages = on_device ? std::min(kMost, resolve_threads(settings_.limits.threads)) : 1;
    return static_cast<std::size_t>(pages);
}

/// Beside the pages under way; where memory does not allow that, after them.
PageFilter PageQueue::new_filter(const PageProblem& problem, std::int64_t memory_in_use) {
    std::int64_t workspaces = 0;
    for (const auto& other : jobs_) {
        memory_in_use += other->problem->result_bytes();
        workspaces += other->filter.workspace_bytes();
    }
    try {
        return {devices_, problem, memory_in_use + workspaces};
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::memory || jobs_.empty()) throw;
        finish_all();
        return {devices_, problem, memory_in_use};
    }
}

std::unique_ptr<PageJob> PageQueue::prepare(Image& page, std::int64_t memory_in_use) {
    auto problem = std::make_unique<PageProblem>(bank_, page, settings_);
    std::optional<PageFilter> shared;
    if (!jobs_.empty()) shared = PageFilter::sharing_plan(jobs_.back()->filter, *problem);
    const bool shares_plan = shared.has_value();
    const PageProblem& posed = *problem;
    return std::unique_ptr<PageJob>(new PageJob{
        page, std::move(problem),
        shares_plan ? *std::move(shared) : new_filter(posed, memory_in_use + posed.result_bytes()),
        shares_plan});
}

void PageQueue::push(Image& page, std::int64_t memory_in_use) {
    const bool spent = page.samples.spent_with_holder();  // nobody reads it afterwards
    std::unique_ptr<PageJob> job = prepare(page, memory_in_use);
    const PageFilter& filter = job->filter;
    while (jobs_.size() >= pages_in_flight(filter)) finish_front();
    job->results = job->problem->new_results(filter.problem().P());
    if (settings_.verify_on) {
        job->checks.emplace(*settings_.verify_on, filter.choice(), filter.problem(),
                            job->problem->weights());
    }
    const auto run = [job = job.get(), spent] {
        job->tallies = job->filter.run(job->results, job->checks ? &*job->checks : nullptr, spent);
    };
    const bool alone = pages_in_flight(filter) == 1;
    job->running = std::async(alone ? std::launch::deferred : std::launch::async, run);
    jobs_.push_back(std::move(job));
    if (alone) finish_front();
}

void PageQueue::finish_front() {
    const std::unique_ptr<PageJob> job = std::move(jobs_.front());
    jobs_.pop_front();
    job->running.get();
    finished_(*job, !jobs_.empty() && jobs_.front()->shares_plan);
}

void PageQueue::finish_all() {
    while (!jobs_.empty()) finish_front();
}

}  // namespace conv
