#include <algorithm>

#include "conv/local_error.hpp"
#include "cpu/fft/tile_record.hpp"

namespace conv {
namespace {

// The rest is for rounding on the way: the result, the bias, bounds in single precision.
constexpr double kAllowed = 0.8 * kLocalError;
// Levels of samples for bounds by rank, over what they have to reach with all weights.
constexpr double kStep = 1.2;

}  // namespace

/// Bounds of all lanes of unit i, for errors `shrink` times those of single precision.
void TileChecks::find_bounds(const State& state, std::int64_t i, double shrink) const {
    const Memory m = memory_of(state.memory);
    const Unit& unit = state.pair.unit(i);
    Record* records = m.records + i * p_.N;
    const auto step = [&](std::int64_t n) { return kStep * shrink * records[n].needed / kAllowed; };
    const std::int64_t C = p_.group_channels();
    for (std::int64_t n = 0; sums_.ranks() && n < p_.N; ++n) sums_.begin_ranks(records[n].sums);
    for (std::int64_t c = 0; sums_.ranks() && c < C; ++c) {
        for_each_row(state, i, c, [&](std::int64_t n, const float* row) {
            sums_.add_row_ranks(records[n].sums, row, rows_.columns(unit), step(n));
        });
        for (std::int64_t n = 0; n < p_.N; ++n) sums_.finish_channel_ranks(records[n].sums);
    }
    for (std::int64_t n = 0; n < p_.N; ++n) {
        sums_.find_bounds(records[n].sums, state.pair.group, step(n));
    }
}

bool TileChecks::wants_sizes(State& state) const {
    refine_needs(state);
    bool wanted = false;
    for (std::int64_t i = 0; i < t_.together; ++i) {
        const auto unit = static_cast<std::size_t>(i);
        if (!state.by_results[unit]) continue;
        state.fine[unit] = fine_by_ranks(state, i);
        wanted = wanted || !state.fine[unit];
    }
    return wanted;
}

/// Whether the samples say that all windows of unit i hold enough, as large windows of pictures do.
bool TileChecks::fine_by_ranks(const State& state, std::int64_t i) const {
    if (!sums_.ranks()) return false;
    find_bounds(state, i, 1);
    const Record* records = memory_of(state.memory).records + i * p_.N;
    return std::all_of(records, records + p_.N, [&](const Record& record) {
        const float* bounds = record.sums.bounds;
        return record.needed <=
               kAllowed * double{*std::min_element(bounds, bounds + sums_.blocks())};
    });
}

void TileChecks::add_results(const State& state, const ResultRow& at, const float* row) const {
    const auto& [i, n, k, h] = at;
    if (!state.by_results[static_cast<std::size_t>(i)]) return;
    const Unit& unit = state.pair.unit(i);
    results_.add_results(memory_of(state.memory).records[i * p_.N + n].results, {k, h, unit.rows},
                         row, unit.columns);
}

/// What the results themselves say of sum |w||x| / sum |w| in a block.
double TileChecks::result_bound(const Record& record, std::int64_t block) const {
    return results_.least(record.results, block) - record.rough;
}

/// Whether the results of unit i are fine by themselves, as nearly all are.
bool TileChecks::fine_by_results(const State& state, std::int64_t i) const {
    if (!state.by_results[static_cast<std::size_t>(i)]) return false;
    const Record* records = memory_of(state.memory).records + i * p_.N;
    for (std::int64_t n = 0; n < p_.N; ++n) {
        const Record& record = records[n];
        const double slack = state.pair.src.alpha_weighted ? 0 : p_.facts.slack / norm_;
        for (std::int64_t b = 0; b < sums_.blocks(); ++b) {
            const double allowed = std::max(kAllowed * result_bound(record, b), slack);
            if (!(record.needed <= allowed)) return false;
        }
    }
    return true;
}

/// What lane n's slack is worth where sum |w||x| / sum |w| of the opacity is `opacity`.
double TileChecks::slack_of(const State& state, std::int64_t n, double opacity) const {
    if (!state.pair.src.alpha_weighted) return p_.facts.slack / norm_;
    return n == p_.N - 1 || !positive_ ? 0.0 : p_.facts.slack / norm_ * opacity;
}

/// Whether the samples alone say that every output of unit i is fine.
bool TileChecks::known_to_be_fine(const State& state, std::int64_t i, double shrink) const {
    const Record* records = memory_of(state.memory).records + i * p_.N;
    const double opacity = records[p_.N - 1].sums.facts.least;
    return std::all_of(records, records + p_.N, [&](const Record& record) {
        const LaneFacts& facts = record.sums.facts;
        const double allowed =
            std::max(kAllowed * facts.least, slack_of(state, &record - records, opacity));
        return facts.finite && facts.least > 0 && shrink * record.needed <= allowed;
    });
}

/// Fills the verdicts of all lanes of unit i.
void TileChecks::judge(const State& state, std::int64_t i, double shrink) const {
    if (!known_to_be_fine(state, i, shrink) && state.pair.unit(i).rows > 0) {
        const bool by_results = state.by_results[static_cast<std::size_t>(i)];
        if (!by_results || shrink < 1) find_bounds(state, i, shrink);
        return judge_blocks(state, i, shrink);
    }
    const Record* records = memory_of(state.memory).records + i * p_.N;
    for (std::int64_t n = 0; n < p_.N; ++n) std::fill_n(records[n].verdicts, sums_.blocks(), kFine);
}

/// Block by block, by what the windows hold.
void TileChecks::judge_blocks(const State& state, std::int64_t i, double shrink) const {
    Record* records = memory_of(state.memory).records + i * p_.N;
    const bool by_results = state.by_results[static_cast<std::size_t>(i)];
    const auto bound_of = [&](std::int64_t n, std::int64_t block) {
        const double bound = double{records[n].sums.bounds[block]};
        if (!by_results) return bound;
        const double of_result = result_bound(records[n], block);
        return shrink < 1 ? std::max(bound, of_result) : of_result;
    };
    const std::int64_t last = (state.pair.unit(i).rows - 1) * p_.stride_h / sums_.side();
    for (std::int64_t n = 0; n < p_.N; ++n) {
        const double needed = shrink * records[n].needed;
        for (std::int64_t by = 0; by <= last; ++by) {
            const std::int64_t row = by * sums_.block_columns();
            const LocalSums::Content* contents = sums_.contents(records[n].sums, by);
            for (std::int64_t bx = 0; bx < sums_.block_columns(); ++bx) {
                const double bound = bound_of(n, row + bx);
                const double slack = slack_of(state, n, bound_of(p_.N - 1, row + bx));
                const bool fine = contents[bx] == LocalSums::Content::numbers &&
                                  needed <= std::max(kAllowed * bound, slack);
                records[n].verdicts[row + bx] = contents[bx] == LocalSums::Content::zeros ? kZeros
                                                : fine                                    ? kFine
                                                       : kDoubtful;
            }
        }
    }
}

}  // namespace conv
