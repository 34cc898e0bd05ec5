#include "pipeline/chain_filter.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/size.hpp"
#include "pipeline/band_plan.hpp"
#include "tensor/window.hpp"

namespace conv {
namespace {

PictureInfo info_of_result(const PageProblem& page) {
    PictureInfo info = info_of(page.new_result(0));
    info.shape.H = page.problem().P();
    return info;
}

/// A picture of at least `height` rows as the results of a stage are, made anew only to grow.
const Image& room_for(Image& room, const PageProblem& page, std::int64_t height) {
    if (!room.samples || room.shape.H < height) room = page.new_result(height);
    return room;
}

}  // namespace

ChainFilter::ChainFilter(std::span<const Device> devices, std::span<const FilterStage> stages,
                         const PictureInfo& picture)
    : devices_(devices), settings_(stages) {
    stages_.reserve(stages.size());  // problems refer to their stage's page
    PictureInfo info = picture;
    for (const FilterStage& stage : stages) {
        stages_.push_back({without_samples(info), nullptr});
        Stage& made = stages_.back();
        made.page = std::make_unique<PageProblem>(stage.bank, made.description, stage.settings);
        info = info_of_result(*made.page);
    }
}

void ChainFilter::prepare(std::int64_t memory_in_use) {
    filters_.clear();
    filters_.reserve(stages_.size());
    for (const Stage& stage : stages_) {
        PageFilter& filter = filters_.emplace_back(devices_, *stage.page, memory_in_use);
        if (stage.page->settings().verify_on) filter.verify_rows();
    }
}

int ChainFilter::threads() const {
    int threads = filters_.front().threads();
    for (const PageFilter& filter : filters_) threads = std::min(threads, filter.threads());
    return threads;
}

void ChainFilter::release_plans() {
    for (PageFilter& filter : filters_) filter.release_plan();
}

/// Rows of the result of the stage before that rows `rows` of stage `stage` need: whole blocks, so
/// that they are the same whatever the band.
RowRange ChainFilter::rows_before(std::size_t stage, RowRange rows) const {
    const PageFilter& before = filters_[stage - 1];
    const RowRange needed = conv::needed_rows(filters_[stage].problem(), rows);
    if (needed.count == 0) return needed;
    const std::int64_t block = before.plan().block_rows;
    const std::int64_t first = needed.first / block * block;
    const std::int64_t end =
        std::min(round_up(needed.first + needed.count, block), before.problem().P());
    return {first, end - first};
}

std::vector<RowRange> ChainFilter::rows_of_stages(RowRange outputs) const {
    std::vector<RowRange> rows(stages_.size());
    rows.back() = outputs;
    for (std::size_t i = stages_.size() - 1; i > 0; --i) rows[i - 1] = rows_before(i, rows[i]);
    return rows;
}

RowRange ChainFilter::needed_rows(RowRange outputs) const {
    const RowRange rows = rows_of_stages(outputs).front();
    RowRange needed{0, 0};
    if (rows.count > 0) needed = conv::needed_rows(first().problem(), rows);
    const bool keeps_input = settings_.back().settings.selection && stages_.size() > 1;
    return keeps_input ? hull(needed, outputs) : needed;
}

std::int64_t ChainFilter::shared_rows() const {
    std::int64_t rows = 0;
    for (std::size_t i = 0; i < stages_.size(); ++i) {
        const PageFilter& filter = filters_[i];
        rows += (filter.problem().R - 1) * filter.problem().dilation_h;
        if (i + 1 < stages_.size()) rows += filter.plan().block_rows;
    }
    return rows;
}

std::int64_t ChainFilter::row_bytes_between() const {
    std::int64_t bytes = 0;
    for (std::size_t i = 0; i + 1 < stages_.size(); ++i) {
        Shape row = stages_[i].page->result_shape();
        row.H = 1;
        bytes = std::max(bytes, picture_bytes(SampleType::f32, row));
    }
    return bytes;
}

std::int64_t ChainFilter::workspace_bytes(int threads, std::int64_t band_rows) const {
    std::int64_t bytes = 0;
    const std::vector<RowRange> rows =
        rows_of_stages({0, std::min(band_rows, last().problem().P())});
    for (std::size_t i = 0; i < stages_.size(); ++i) {
        bytes += filters_[i].workspace_bytes(threads);
        if (i + 1 == stages_.size()) break;
        // Bands below the first have a halo above them too.
        Shape room = stages_[i].page->result_shape();
        room.H = std::min(rows[i].count + shared_rows(), room.H);
        bytes += threads * picture_bytes(SampleType::f32, room);
    }
    return bytes;
}

void ChainFilter::compute(const PageRows& window, RowRange rows, std::vector<Image>& results,
                          ChainMemory& memory) const {
    memory.stages.resize(stages_.size());
    memory.between.resize(stages_.size() - 1);
    const std::vector<RowRange> stage_rows = rows_of_stages(rows);
    Image from = window.page;
    RowRange held = window.held;
    for (std::size_t i = 0; i + 1 < stages_.size(); ++i) {
        const PageProblem& page = *stages_[i].page;
        const Image& room = room_for(memory.between[i], page, stage_rows[i].count);
        std::vector<Image> result = {window_of(room, stage_rows[i].first, page.problem().P())};
        if (stage_rows[i].count > 0)
            filters_[i].filter_rows({from, window.input, held}, stage_rows[i], result,
                                    memory.stages[i]);
        from = result.front();
        held = stage_rows[i];
    }
    filters_.back().filter_rows({from, window.input, held}, rows, results, memory.stages.back());
}

void describe_chain(const ChainFilter& chain, FilterReport& report) {
    for (std::size_t i = 0; i < chain.size(); ++i) {
        const FilterStage& stage = chain.settings(i);
        if (chain.size() > 1)
            report.decisions.push_back(fmt::format("step {} of {}:", i + 1, chain.size()));
        report.decisions.insert(report.decisions.end(), stage.bank.decisions.begin(),
                                stage.bank.decisions.end());
        describe_first_page(chain.stage(i), report);
        if (chain.size() == 1) continue;
        report.steps.push_back(
            {report.problem, report.choice.method->name, report.choice.device->name});
    }
}

}  // namespace conv
