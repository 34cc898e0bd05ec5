#include "cpu/fft/tile_checks.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <new>
#include <numeric>
#include <tuple>

#include "base/size.hpp"
#include "cpu/fft/cell_rows.hpp"
#include "cpu/fft/tile_record.hpp"

namespace conv {
namespace {

constexpr double kUlp = 1.0 / (1 << 24);

}  // namespace

TileChecks::TileChecks(const Problem& problem, const Weights& weights, const FftTiling& tiling)
    : p_(problem),
      t_(tiling),
      sizes_(Memory::sizes(problem, tiling)),
      rows_(problem, tiling),
      sums_(problem, weights, tiling),
      results_(problem, weights, sums_),
      direct_(problem, weights, std::min(sums_.side(), kDirectRows), kDirectColumns),
      error_(3 * kUlp * std::sqrt(3 * std::log2(static_cast<double>(tiling.points())))),
      positive_(std::none_of(weights.values.begin(), weights.values.end(),
                             [](float w) { return w < 0; })),
      bias_(weights.bias.begin(), weights.bias.end()) {
    bias_.resize(static_cast<std::size_t>(p_.K));
    const std::int64_t each = p_.group_channels() * p_.R * p_.S;
    const float* w = weights.values.data();
    for (std::int64_t k = 0; k < p_.K; ++k, w += each) {
        const double one = std::accumulate(
            w, w + each, 0.0, [](double sum, float x) { return sum + std::abs(double{x}); });
        const double two = std::sqrt(std::inner_product(w, w + each, w, 0.0, std::plus<>(),
                                                        [](double a, double b) { return a * b; }));
        norms_.push_back({one, two});
        norm_ = std::max(norm_, one);
    }
    if (PreciseTile::affordable(p_, t_)) precise_.emplace(problem, weights, tiling);
}

std::int64_t TileChecks::kept_bytes(const Problem& p, const FftTiling& t) {
    const std::int64_t direct = p.weight_count() * std::int64_t{sizeof(float)};
    return direct + (PreciseTile::affordable(p, t) ? PreciseTile::kept_bytes(p, t) : 0);
}

TileChecks::Memory TileChecks::memory_of(float* memory) const {
    std::array<float*, std::tuple_size_v<Memory::Sizes>> at{};
    for (std::size_t i = 0; i < at.size(); memory += sizes_[i++]) at[i] = memory;
    return {at[0],
            at[1],
            at[2],
            at[3],
            at[4],
            at[5],
            reinterpret_cast<Record*>(at[6]),
            reinterpret_cast<std::uint8_t*>(at[7])};
}

std::int64_t TileChecks::workspace_floats(const Problem& p, const FftTiling& t) {
    const Memory::Sizes floats = Memory::sizes(p, t);
    return std::accumulate(floats.begin(), floats.end(), std::int64_t{0});
}

bool TileChecks::wanted(const Source& src) const {
    if (src.type == SampleType::f32 || src.alpha_weighted) return true;
    double most = sample_maximum(src.type);
    for (const float x : p_.border.values) most = std::max(most, std::abs(double{x}));
    return !(error_ * (1 + sums_.peak()) * most * norm_ <= p_.facts.slack);
}

TileChecks::State TileChecks::look(const TilePair& pair, float* memory) const {
    State state{pair, memory};
    const Memory m = memory_of(memory);
    for (std::int64_t i = 0; i < lanes(); ++i) {
        Record* record = new (m.records + i) Record;
        record->sums = sums_.lane(m.lanes + i * LocalSums::lane_floats(p_, t_));
        record->results = results_.lane(m.results + i * ResultBounds::lane_floats(t_));
        record->verdicts = m.verdicts + i * sums_.blocks();
    }
    for (std::int64_t i = 0; i < t_.together; ++i) {
        state.by_results[static_cast<std::size_t>(i)] = survey(state, i);
        if (!state.by_results[static_cast<std::size_t>(i)]) gather(state, i);
    }
    for (std::int64_t i = 0; i < lanes(); ++i) {
        state.zero = state.zero && m.records[i].sums.facts.zero();
    }
    scale_pairs(state);
    return state;
}

/// The facts of all lanes of unit i, where its results can be judged by themselves.
bool TileChecks::survey(State& state, std::int64_t i) const {
    if (!results_.possible()) return false;
    Record* records = memory_of(state.memory).records + i * p_.N;
    const std::int64_t columns = rows_.columns(state.pair.unit(i));
    for (std::int64_t n = 0; n < p_.N; ++n) results_.begin(records[n].results);
    bool plain = true;
    const auto add_row = [&](std::int64_t n, const float* row) {
        plain = results_.add_samples(records[n].results, row, columns, records[n].sums.facts,
                                     state.signs) &&
                plain;
    };
    for (std::int64_t c = 0; plain && c < p_.group_channels(); ++c) {
        for_each_row(state, i, c, add_row);
        for (std::int64_t n = 0; n < p_.N; ++n) {
            results_.finish_channel(records[n].results, records[n].sums.facts);
        }
    }
    return plain;
}

/// The facts and the cells of all lanes of unit i.
void TileChecks::gather(const State& state, std::int64_t i) const {
    const Memory m = memory_of(state.memory);
    const Unit& unit = state.pair.unit(i);
    const std::int64_t C = p_.group_channels(), columns = rows_.columns(unit);
    for (std::int64_t n = 0; n < p_.N; ++n) sums_.begin(m.records[i * p_.N + n].sums);
    for (std::int64_t c = 0; c < C; ++c) {
        for_each_row(state, i, c, [&](std::int64_t n, const float* row) {
            sums_.add_row(m.records[i * p_.N + n].sums, c, row, columns);
        });
        for (std::int64_t n = 0; n < p_.N; ++n) {
            sums_.finish_channel(m.records[i * p_.N + n].sums, c);
        }
    }
    for (std::int64_t n = 0; n < p_.N; ++n) {
        Record& record = m.records[i * p_.N + n];
        record.lane.finite = record.sums.facts.finite;
        const bool overflow = !std::isfinite(record.sums.facts.squares);
        if (!record.lane.finite || overflow) gather_finite(state, i, n);
    }
}

/// The facts of a lane's finite samples, in double precision.
void TileChecks::gather_finite(const State& state, std::int64_t i, std::int64_t n) const {
    const Memory m = memory_of(state.memory);
    LaneFacts& facts = m.records[i * p_.N + n].sums.facts;
    facts.squares = facts.most = 0;
    for (std::int64_t c = 0; c < p_.group_channels(); ++c) {
        const UnitChannel channel = rows_.channel(state.pair, i, c);
        double squares = 0;
        for (std::int64_t h = 0; h < rows_.rows(channel.unit); ++h) {
            rows_.load(channel, h, m.row, m.samples);
            for (std::int64_t w = 0; w < rows_.columns(channel.unit); ++w) {
                const double x = std::abs(double{m.samples[n * t_.width + w]});
                if (!std::isfinite(x)) continue;
                squares += x * x;
                facts.most = std::max(facts.most, x);
            }
        }
        facts.squares = std::max(facts.squares, squares);
    }
}

/// Brings the lanes to root mean squares between 1 and 2, and finds what each one's outputs need.
void TileChecks::scale_pairs(const State& state) const {
    constexpr int kMostExponent = 120;
    const Memory m = memory_of(state.memory);
    const auto points = static_cast<double>(t_.points());
    for (std::int64_t i = 0; i < lanes(); ++i) {
        const double rms = std::sqrt(m.records[i].sums.facts.squares / points);
        if (rms == 0) continue;
        const int exponent = std::clamp(std::ilogb(rms), -kMostExponent, kMostExponent);
        m.records[i].lane.scale = std::ldexp(1.0F, -exponent);
        m.records[i].lane.back = std::ldexp(1.0F, exponent);
    }
    for (std::int64_t first = 0; first < lanes(); first += 2) {
        const std::int64_t end = std::min(first + 2, lanes());
        double squares = 0, most = 0;
        for (std::int64_t i = first; i < end; ++i) {
            const double scale = double{m.records[i].lane.scale};
            squares += m.records[i].sums.facts.squares / points * scale * scale;
            most = std::max(most, m.records[i].sums.facts.most * scale);
        }
        const double ghosts = kUlp * std::sqrt(std::log2(points)) * sums_.peak() * most;
        m.records[first].squares = squares;
        for (std::int64_t i = first; i < end; ++i) {
            const double back = double{m.records[i].lane.back};
            m.records[i].ghosts = ghosts * back;
            m.records[i].rough = (error_ * std::sqrt(squares / 2) + ghosts) * back;
            m.records[i].needed = m.records[i].rough;
        }
    }
}

void TileChecks::add_spectrum(const State& state, std::int64_t i, const float* block,
                              std::int64_t count) const {
    Record& record = memory_of(state.memory).records[2 * i];
    record.result_squares += double{facts_of_row(block, count).squares};
}

/// What outputs need by what the results are, where that is less.
void TileChecks::refine_needs(const State& state) const {
    const Memory m = memory_of(state.memory);
    const Norms& norms = norms_[static_cast<std::size_t>(state.pair.group)];
    if (p_.group_channels() != 1 || p_.group_kernels() != 1 || norms.one == 0) return;
    for (std::int64_t first = 0; first < lanes(); first += 2) {
        const Record& tile = m.records[first];
        const double squares = norms.two * norms.two * tile.squares / 2 + 1.5 * tile.result_squares;
        const double error = error_ / std::sqrt(3) * std::sqrt(squares) / norms.one;
        for (std::int64_t i = first; i < std::min(first + 2, lanes()); ++i) {
            Record& record = m.records[i];
            const double needed = error * double{record.lane.back} + record.ghosts;
            if (needed < record.needed) record.needed = needed;
        }
    }
}

const TileChecks::Lane& TileChecks::lane(const State& state, std::int64_t i) const {
    return memory_of(state.memory).records[i].lane;
}

}  // namespace conv
