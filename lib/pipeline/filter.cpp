#include "pipeline/filter.hpp"

#include <algorithm>
#include <cmath>

#include "base/aligned_buffer.hpp"
#include "base/error.hpp"
#include "base/parallel.hpp"
#include "conv/convolve.hpp"
#include "conv/device_planner.hpp"
#include "pipeline/epilogue.hpp"
#include "pipeline/spent_rows.hpp"
#include "pipeline/sum_verification.hpp"

namespace conv {
namespace {

std::int64_t image_bytes(const Shape& shape, SampleType type) {
    return checked_product(
        {shape.C, shape.H, shape.W, static_cast<std::int64_t>(sample_bytes(type))}, "a picture");
}

/// The padding that centres output p on input p * stride by the anchor, P = ceil(H / stride).
std::pair<std::int64_t, std::int64_t> same_padding(std::int64_t size, std::int64_t stride,
                                                   std::int64_t window, std::int64_t before) {
    const std::int64_t outputs = ceil_div(size, stride);
    return {before, std::max<std::int64_t>((outputs - 1) * stride + window - size - before, 0)};
}

Padding resolved_padding(const Bank& bank, const Shape& shape, const FilterSettings& s) {
    const std::int64_t high = s.dilation_h * (bank.R - 1), wide = s.dilation_w * (bank.S - 1);
    switch (s.padding_rule) {
        case PaddingRule::valid:
            return {};
        case PaddingRule::given:
            return s.padding;
        case PaddingRule::full:
            return {high, high, wide, wide};
        case PaddingRule::same:
            break;
    }
    const auto [top, bottom] =
        same_padding(shape.H, s.stride_h, high + 1, s.dilation_h * bank.anchor.y);
    const auto [left, right] =
        same_padding(shape.W, s.stride_w, wide + 1, s.dilation_w * bank.anchor.x);
    return {top, bottom, left, right};
}

/// One page on its way: what is convolved, how, and into which pictures.
struct PageRun {
    std::span<const Device> devices;
    const Bank& bank;
    const Image& page;
    const FilterSettings& settings;
    ChannelPlan channels;
    ChannelSource input;
    Problem problem;
    std::vector<Image> results;

    PageRun(std::span<const Device> on, const Bank& with, const Image& image,
            const FilterSettings& s)
        : devices(on),
          bank(with),
          page(image),
          settings(s),
          channels(plan_channels(image, with, s)),
          input(load_channels(image, channels, with, s)),
          problem(filter_problem(with, input, s)) {
        problem.finite = all_finite(input.source, settings.limits.threads);
    }

    /// Under weighted alpha the bias is added after the division by the opacity.
    Weights weights() const {
        return {bank.values, channels.weighted ? std::span<const float>() : std::span(bank.bias)};
    }
    SampleType stored_type() const {
        return settings.range == ValueRange::rescale ? SampleType::f32 : settings.depth;
    }
    Shape result_shape() const { return {1, channels.result_channels(), problem.P(), problem.Q()}; }
    std::int64_t result_count() const {
        return bank.each_channel && settings.combine == Combine::stack ? bank.K : 1;
    }
    /// Bytes of one thread's block of sums.
    std::int64_t sums_bytes(const Plan& plan) const {
        const std::int64_t rows = std::min(plan.block_rows, problem.P());
        return checked_product({problem.N, problem.K, rows, problem.Q(), sizeof(float)},
                               "a block of results");
    }

    /// Nobody reads the page again once a block is finished: neither its owner, nor another picture
    /// of the source, nor channels that are copied or moved by their luma.
    bool page_is_spent_by_row() const {
        return page.samples.use_count() == 1 && !input.converted.samples &&
               input.source.shape.N == problem.N && channels.copied.empty() &&
               SpentRows::possible(page, problem);
    }

    Choice choose(const std::string& method, std::int64_t memory_in_use) const {
        Limits limits = settings.limits;
        limits.memory_in_use = memory_in_use;
        return choose_device(devices, method, problem, weights(), limits);
    }
    void allocate_results();
    /// `checks` may be null.
    void run(const Plan& plan, int threads, const SumVerification* checks,
             std::vector<Tally>& tallies);
};

void PageRun::allocate_results() {
    const Shape shape = result_shape();
    const bool planar = page.shape.C > 1 && page.strides.W == 1;
    for (std::int64_t k = 0; k < result_count(); ++k) {
        results.push_back(planar ? Image::planar(stored_type(), shape.C, shape.H, shape.W)
                                 : Image::interleaved(stored_type(), shape.C, shape.H, shape.W));
        results.back().has_alpha = channels.has_alpha;
    }
}

void PageRun::run(const Plan& plan, int threads, const SumVerification* checks,
                  std::vector<Tally>& tallies) {
    const Epilogue epilogue(page, channels, problem, bank, settings, results);
    const std::int64_t N = problem.N, K = problem.K, P = problem.P(), Q = problem.Q();
    std::vector<AlignedBuffer<float>> sums(tallies.size());
    std::vector<TensorView<float>> views(tallies.size());
    const auto destination = [&](std::int64_t, RowRange rows, int worker) {
        const auto w = static_cast<std::size_t>(worker);
        if (sums[w].size() == 0) {
            sums[w] =
                AlignedBuffer<float>(sums_bytes(plan) / static_cast<std::int64_t>(sizeof(float)));
        }
        // Line-interleaved, (row, map, column), so that a block of row lowering is one piece; maps
        // apart for a method that computes the whole picture in one product.
        const bool whole = plan.block_rows >= P;
        const Strides strides =
            whole ? Strides{1, P * Q * N, Q * N, N} : Strides{1, Q * N, K * Q * N, N};
        return views[w] = {sums[w].data(), {N, K, rows.count, Q}, strides};
    };
    std::optional<SpentRows> spent;
    if (page_is_spent_by_row()) spent.emplace(page, problem, plan.block_rows);
    const auto finished = [&](std::int64_t picture, RowRange rows, int worker) {
        const auto w = static_cast<std::size_t>(worker);
        if (checks) checks->check(input.source.batch(picture * N, N), rows, views[w]);
        epilogue.finish(picture, rows, views[w], tallies[w]);
        if (spent) spent->block_finished(rows.first);
    };
    run_blocks(plan, problem, input.source, threads, {destination, finished});
    if (channels.copied.empty()) return;
    parallel_for(P, threads, [&](std::int64_t row, int worker) {
        epilogue.copy_channels(row, tallies[static_cast<std::size_t>(worker)]);
    });
}

/// The most threads whose workspaces fit the budget. Throws Error{memory} when one does not.
int affordable_threads(const PageRun& page, const Plan& plan, std::int64_t memory_in_use) {
    const Limits& limits = page.settings.limits;
    const std::int64_t pictures = page.input.source.shape.N / page.problem.N;
    const std::int64_t blocks = ceil_div(page.problem.P(), plan.block_rows) * pictures;
    int threads =
        static_cast<int>(std::min<std::int64_t>(useful_threads(plan, limits.threads), blocks));
    const std::int64_t each = plan.workspace_bytes + page.sums_bytes(plan);
    while (limits.max_memory && memory_in_use + threads * each > *limits.max_memory) {
        if (--threads == 0) {
            fail(ErrorKind::memory,
                 "needs {} of pictures and {} of workspace, --max-memory is {}, "
                 "use more memory or another --method",
                 format_bytes(memory_in_use), format_bytes(each), format_bytes(*limits.max_memory));
        }
    }
    return threads;
}

struct Prepared {
    Choice choice;
    Plan plan;
};

/// The plan for a page. A device that was chosen among several and then has no room is left for the
/// processor, which the report says.
Prepared prepare_page(PageRun& page, std::int64_t memory_in_use, FilterReport& report) {
    Prepared ready{page.choose(page.settings.method, memory_in_use), {}};
    try {
        ready.plan = ready.choice.method->prepare(page.problem, page.weights());
    } catch (const Error& error) {
        const bool of_device =
            error.kind() == ErrorKind::memory || error.kind() == ErrorKind::device;
        if (!of_device || ready.choice.device == &page.devices.front()) throw;
        page.devices = page.devices.first(1);
        report.fallback =
            fmt::format("device: {} is used in place of {} ({})", page.devices.front().name,
                        ready.choice.device->name, error.what());
        ready.choice = page.choose(page.settings.method, memory_in_use);
        ready.plan = ready.choice.method->prepare(page.problem, page.weights());
    }
    return ready;
}

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

void describe_first_page(const PageRun& page, FilterReport& report) {
    report.problem = format_problem(page.problem);
    if (page.page.has_alpha) report.alpha = page.channels.rule;
    for (const std::string& decision : page.channels.decisions)
        report.decisions.push_back(decision);
    report.decisions.push_back(padding_decision(page.problem, page.settings));
    if (page.settings.anchor && page.settings.padding_rule != PaddingRule::same) {
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

Problem filter_problem(const Bank& bank, const ChannelSource& input,
                       const FilterSettings& settings) {
    Problem p;
    p.N = input.lanes;
    p.C = input.source.shape.C;
    p.H = input.source.shape.H;
    p.W = input.source.shape.W;
    p.K = bank.K;
    p.R = bank.R;
    p.S = bank.S;
    p.groups = settings.groups;
    p.stride_h = settings.stride_h;
    p.stride_w = settings.stride_w;
    p.dilation_h = settings.dilation_h;
    p.dilation_w = settings.dilation_w;
    p.border = input.border;
    checked_product({p.dilation_h, p.R, 4}, "the dilated kernel height");
    checked_product({p.dilation_w, p.S, 4}, "the dilated kernel width");
    p.padding = resolved_padding(bank, input.source.shape, settings);
    validate(p);
    return p;
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
    for (const Image& page : pages) memory += image_bytes(page.shape, page.type);
    const SampleType type = pages.front().type;
    for (Image& image : pages) {
        PageRun page(devices, bank, image, settings);
        memory += page.result_count() * image_bytes(page.result_shape(), page.stored_type());
        if (page.input.converted.samples) {
            memory += image_bytes(page.input.converted.shape, page.input.converted.type);
        }
        auto [choice, plan] = prepare_page(page, memory, report);
        const int threads = affordable_threads(page, plan, memory);
        page.allocate_results();
        std::vector<Tally> tallies(static_cast<std::size_t>(threads));
        std::optional<SumVerification> checks;
        if (settings.verify_on) {
            checks.emplace(*settings.verify_on, choice, page.problem, page.weights(),
                           page.input.source);
        }
        page.run(plan, threads, checks ? &*checks : nullptr, tallies);
        if (plan.device_times) add_times(report.device_times, plan.device_times());
        const std::string verified = checks ? checks->summary() : std::string();
        totals.add(tallies);
        if (result.pages.empty()) {
            report.choice = std::move(choice);
            report.threads = threads;
            report.workspace_bytes = threads * (plan.workspace_bytes + page.sums_bytes(plan));
            describe_first_page(page, report);
            if (!verified.empty()) report.decisions.push_back(verified);
        }
        const Shape shape = page.result_shape();
        const auto copied = static_cast<std::int64_t>(page.channels.copied.size());
        report.values += page.result_count() * (shape.C - copied) * shape.H * shape.W;
        result.pages.push_back(std::move(page.results));
        image.samples.reset();
    }
    report.lost = totals.lost;
    if (settings.range == ValueRange::rescale && settings.depth != SampleType::f32) {
        rescale_all(result, type, settings, totals);
    }
    return result;
}

}  // namespace conv
