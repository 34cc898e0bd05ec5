#include "cpu/fft/tile_checks.hpp"

#include <algorithm>
#include <cmath>
#include <new>
#include <numeric>
#include <tuple>

#include "base/size.hpp"
#include "conv/local_error.hpp"
#include "cpu/fft/cell_rows.hpp"

namespace conv {
namespace {

constexpr double kUlp = 1.0 / (1 << 24);
// The rest is for rounding on the way: the result, the bias, bounds in single precision.
constexpr double kAllowed = 0.8 * kLocalError;
// Double against single precision, one bit given away.
constexpr double kDoubleShrink = 1.0 / (1 << 28);
// Samples that count for bounds by rank, over what they have to reach with all weights.
constexpr double kThreshold = 2.5;
// Columns that are summed directly at once: whole blocks of vectors, few beside what they read.
constexpr std::int64_t kDirectColumns = 64;
// Rows that share input in registers.
constexpr std::int64_t kDirectRows = 4;
// Direct sums against transforms: products of one picture in a second, on few columns at once.
constexpr double kSecondsPerProduct = 1.0 / 50e9;

enum Verdict : std::uint8_t { kFine, kZeros, kDoubtful };

double largest_weight_norm(const Problem& p, const Weights& weights) {
    const std::int64_t each = p.group_channels() * p.R * p.S;
    double largest = 0;
    for (std::int64_t k = 0; k < p.K; ++k) {
        double norm = 0;
        for (const float w : weights.values.subspan(static_cast<std::size_t>(k * each),
                                                    static_cast<std::size_t>(each))) {
            norm += std::abs(double{w});
        }
        largest = std::max(largest, norm);
    }
    return largest;
}

}  // namespace

/// What is known about a lane.
struct TileChecks::Record {
    Lane lane;
    LocalSums::Lane sums;
    double needed = 0;  ///< sum |w||x| / sum |w| that an output must have for 1, without kAllowed
    std::uint8_t* verdicts = nullptr;  ///< of its blocks
};

struct TileChecks::Memory {
    float *tiles, *row, *samples, *lanes, *direct;
    Record* records;
    std::uint8_t* verdicts;

    using Sizes = std::array<std::int64_t, 7>;

    /// In floats, whole cache lines.
    static Sizes sizes(const Problem& p, const FftTiling& t) {
        constexpr std::int64_t kFloat = sizeof(float), kLine = kBufferAlignment / kFloat;
        const std::int64_t lanes = t.together * p.N;
        Sizes floats = {PreciseTile::affordable(p, t) ? PreciseTile::workspace_floats(p, t) : 0,
                        t.width * p.N,
                        t.width * p.N,
                        lanes * LocalSums::lane_floats(p, t),
                        DirectTile::workspace_floats(p, kDirectRows, kDirectColumns),
                        lanes * ceil_div(std::int64_t{sizeof(Record)}, kFloat),
                        ceil_div(lanes * LocalSums::most_blocks(t), kFloat)};
        for (std::int64_t& size : floats) size = round_up(size, kLine);
        return floats;
    }
};

TileChecks::TileChecks(const Problem& problem, const Weights& weights, const FftTiling& tiling)
    : p_(problem),
      t_(tiling),
      rows_(problem, tiling),
      sums_(problem, weights, tiling),
      direct_(problem, weights, std::min(sums_.side(), kDirectRows), kDirectColumns),
      norm_(largest_weight_norm(problem, weights)),
      error_(3 * kUlp * std::sqrt(3 * std::log2(static_cast<double>(tiling.points())))),
      positive_(std::none_of(weights.values.begin(), weights.values.end(),
                             [](float w) { return w < 0; })),
      bias_(weights.bias.begin(), weights.bias.end()) {
    bias_.resize(static_cast<std::size_t>(p_.K));
    if (PreciseTile::affordable(p_, t_)) precise_.emplace(problem, weights, tiling);
}

std::int64_t TileChecks::kept_bytes(const Problem& p, const FftTiling& t) {
    const std::int64_t direct = p.weight_count() * std::int64_t{sizeof(float)};
    return direct + (PreciseTile::affordable(p, t) ? PreciseTile::kept_bytes(p, t) : 0);
}

TileChecks::Memory TileChecks::memory_of(float* memory) const {
    const Memory::Sizes floats = Memory::sizes(p_, t_);
    std::array<float*, std::tuple_size_v<Memory::Sizes>> at{};
    for (std::size_t i = 0; i < at.size(); memory += floats[i++]) at[i] = memory;
    return {at[0],
            at[1],
            at[2],
            at[3],
            at[4],
            reinterpret_cast<Record*>(at[5]),
            reinterpret_cast<std::uint8_t*>(at[6])};
}

std::int64_t TileChecks::workspace_floats(const Problem& p, const FftTiling& t) {
    const Memory::Sizes floats = Memory::sizes(p, t);
    return std::accumulate(floats.begin(), floats.end(), std::int64_t{0});
}

bool TileChecks::wanted(const Source& src) const {
    if (src.type == SampleType::f32 || src.alpha_weighted) return true;
    double most = sample_maximum(src.type);
    for (const float x : p_.border.values) most = std::max(most, std::abs(double{x}));
    return !(error_ * (1 + sums_.peak()) * most * norm_ <= p_.slack);
}

TileChecks::State TileChecks::look(const Source& src, std::int64_t group, RowRange block,
                                   const Units& units, float* memory) const {
    State state{units, block, group, memory};
    const Memory m = memory_of(memory);
    for (std::int64_t i = 0; i < lanes(); ++i) {
        Record* record = new (m.records + i) Record;
        record->sums = sums_.lane(m.lanes + i * LocalSums::lane_floats(p_, t_));
        record->verdicts = m.verdicts + i * sums_.blocks();
        sums_.begin(record->sums);
    }
    for (std::int64_t i = 0; i < t_.together; ++i) gather(src, state, i);
    for (std::int64_t i = 0; i < lanes(); ++i) {
        state.zero = state.zero && m.records[i].sums.facts.zero();
    }
    scale_pairs(state);
    return state;
}

/// The facts of all lanes of unit i.
void TileChecks::gather(const Source& src, const State& state, std::int64_t i) const {
    const Memory m = memory_of(state.memory);
    const Unit& unit = state.units[static_cast<std::size_t>(i)];
    const std::int64_t C = p_.group_channels(), columns = rows_.columns(unit);
    for (std::int64_t c = 0; c < C; ++c) {
        for (std::int64_t h = 0; h < rows_.rows(unit); ++h) {
            rows_.prefetch(src, state.group * C + c, state.block, unit, h + TileFft::kBatch);
            rows_.load(src, state.group * C + c, state.block, unit, h, m.row, m.samples);
            for (std::int64_t n = 0; n < p_.N; ++n) {
                sums_.add_row(m.records[i * p_.N + n].sums, c, m.samples + n * t_.width, columns);
            }
        }
        for (std::int64_t n = 0; n < p_.N; ++n) {
            sums_.finish_channel(m.records[i * p_.N + n].sums, c);
        }
    }
    for (std::int64_t n = 0; n < p_.N; ++n) {
        Record& record = m.records[i * p_.N + n];
        record.lane.finite = record.sums.facts.finite;
        const bool overflow = !std::isfinite(record.sums.facts.squares);
        if (!record.lane.finite || overflow) gather_finite(src, state, i, n);
    }
}

/// The facts of a lane's finite samples, in double precision.
void TileChecks::gather_finite(const Source& src, const State& state, std::int64_t i,
                               std::int64_t n) const {
    const Memory m = memory_of(state.memory);
    const Unit& unit = state.units[static_cast<std::size_t>(i)];
    LaneFacts& facts = m.records[i * p_.N + n].sums.facts;
    facts.squares = facts.most = 0;
    const std::int64_t C = p_.group_channels();
    for (std::int64_t c = 0; c < C; ++c) {
        double squares = 0;
        for (std::int64_t h = 0; h < rows_.rows(unit); ++h) {
            rows_.load(src, state.group * C + c, state.block, unit, h, m.row, m.samples);
            for (std::int64_t w = 0; w < rows_.columns(unit); ++w) {
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
        for (std::int64_t i = first; i < end; ++i) {
            m.records[i].needed =
                (error_ * std::sqrt(squares / 2) + ghosts) * double{m.records[i].lane.back};
        }
    }
}

const TileChecks::Lane& TileChecks::lane(const State& state, std::int64_t i) const {
    return memory_of(state.memory).records[i].lane;
}

/// Bounds of all lanes of unit i, for errors `shrink` times those of single precision.
void TileChecks::find_bounds(const Source& src, const State& state, std::int64_t i,
                             double shrink) const {
    const Memory m = memory_of(state.memory);
    const Unit& unit = state.units[static_cast<std::size_t>(i)];
    Record* records = m.records + i * p_.N;
    const auto threshold = [&](std::int64_t n) {
        return kThreshold * shrink * records[n].needed / kAllowed;
    };
    const std::int64_t C = p_.group_channels();
    for (std::int64_t n = 0; sums_.ranks() && n < p_.N; ++n) sums_.begin_ranks(records[n].sums);
    for (std::int64_t c = 0; sums_.ranks() && c < C; ++c) {
        for (std::int64_t h = 0; h < rows_.rows(unit); ++h) {
            rows_.load(src, state.group * C + c, state.block, unit, h, m.row, m.samples);
            for (std::int64_t n = 0; n < p_.N; ++n) {
                sums_.add_row_ranks(records[n].sums, m.samples + n * t_.width, rows_.columns(unit),
                                    threshold(n));
            }
        }
        for (std::int64_t n = 0; n < p_.N; ++n) sums_.finish_channel_ranks(records[n].sums);
    }
    for (std::int64_t n = 0; n < p_.N; ++n) {
        sums_.find_bounds(records[n].sums, state.group, threshold(n));
    }
}

/// Fills the verdicts of all lanes of unit i.
void TileChecks::judge(const Source& src, const State& state, std::int64_t i, double shrink) const {
    const Memory m = memory_of(state.memory);
    const Unit& unit = state.units[static_cast<std::size_t>(i)];
    Record* records = m.records + i * p_.N;
    const std::int64_t alpha = p_.N - 1;
    // What a lane's slack is worth where sum |w||x| / sum |w| of the opacity is `opacity`.
    const auto slack = [&](std::int64_t n, double opacity) {
        if (!src.alpha_weighted) return p_.slack / norm_;
        return n == alpha || !positive_ ? 0.0 : p_.slack / norm_ * opacity;
    };
    bool known = true;
    for (std::int64_t n = 0; n < p_.N; ++n) {
        const LaneFacts& facts = records[n].sums.facts;
        const double allowed =
            std::max(kAllowed * facts.least, slack(n, records[alpha].sums.facts.least));
        const bool fine = facts.finite && facts.least > 0 && shrink * records[n].needed <= allowed;
        known = known && fine;
    }
    if (known || unit.rows == 0) {
        for (std::int64_t n = 0; n < p_.N; ++n) {
            std::fill_n(records[n].verdicts, sums_.blocks(), kFine);
        }
        return;
    }
    find_bounds(src, state, i, shrink);
    const std::int64_t last = (unit.rows - 1) * p_.stride_h / sums_.side();
    for (std::int64_t n = 0; n < p_.N; ++n) {
        const double needed = shrink * records[n].needed;
        for (std::int64_t by = 0; by <= last; ++by) {
            const std::int64_t row = by * sums_.block_columns();
            const LocalSums::Content* contents = sums_.contents(records[n].sums, by);
            for (std::int64_t bx = 0; bx < sums_.block_columns(); ++bx) {
                const double bound = double{records[n].sums.bounds[row + bx]};
                const double opacity = double{records[alpha].sums.bounds[row + bx]};
                const bool fine = contents[bx] == LocalSums::Content::numbers &&
                                  needed <= std::max(kAllowed * bound, slack(n, opacity));
                records[n].verdicts[row + bx] = contents[bx] == LocalSums::Content::zeros ? kZeros
                                                : fine                                    ? kFine
                                                       : kDoubtful;
            }
        }
    }
}

namespace {

/// Outputs whose dense place lies in [first, end): those of a stride.
struct Span {
    std::int64_t first, end;
};
Span outputs(std::int64_t first, std::int64_t end, std::int64_t stride, std::int64_t count) {
    return {std::min(ceil_div(first, stride), count), std::min(ceil_div(end, stride), count)};
}

/// Calls body(first, end) for the runs of columns of a row of blocks that `wanted` chooses.
template <typename Wanted, typename Body>
void for_each_run(std::int64_t columns, const Wanted& wanted, const Body& body) {
    for (std::int64_t bx = 0; bx < columns; ++bx) {
        if (!wanted(bx)) continue;
        const std::int64_t first = bx;
        while (bx + 1 < columns && wanted(bx + 1)) ++bx;
        body(first, bx + 1);
    }
}

}  // namespace

void TileChecks::store_zeros(const State& state, std::int64_t i, TensorView<float> dst) const {
    const Memory m = memory_of(state.memory);
    const Unit& unit = state.units[static_cast<std::size_t>(i)];
    const std::int64_t side = sums_.side(), columns = sums_.block_columns();
    const std::int64_t last = (unit.rows - 1) * p_.stride_h / side;
    const std::int64_t K = p_.group_kernels();
    for (std::int64_t n = 0; n < p_.N; ++n) {
        const std::uint8_t* verdicts = m.records[i * p_.N + n].verdicts;
        for (std::int64_t by = 0; by <= last; ++by) {
            const Span rows = outputs(by * side, (by + 1) * side, p_.stride_h, unit.rows);
            for_each_run(
                columns, [&](std::int64_t bx) { return verdicts[by * columns + bx] == kZeros; },
                [&](std::int64_t first, std::int64_t end) {
                    const Span q = outputs(first * side, end * side, p_.stride_w, unit.columns);
                    for (std::int64_t k = state.group * K; k < (state.group + 1) * K; ++k) {
                        for (std::int64_t p = rows.first; q.first < q.end && p < rows.end; ++p) {
                            float* to = &dst(n, k, unit.row + p, unit.column + q.first);
                            for (std::int64_t x = 0; x < q.end - q.first; ++x) {
                                to[x * dst.strides.W] = bias_[static_cast<std::size_t>(k)];
                            }
                        }
                    }
                });
        }
    }
}

/// Sums the blocks of unit i that are doubtful in any lane, in all lanes.
void TileChecks::sum_doubtful(const Source& src, const State& state, std::int64_t i,
                              TensorView<float> dst) const {
    const Memory m = memory_of(state.memory);
    const Unit& unit = state.units[static_cast<std::size_t>(i)];
    const std::int64_t side = sums_.side(), columns = sums_.block_columns();
    const std::int64_t last = (unit.rows - 1) * p_.stride_h / side;
    for (std::int64_t by = 0; by <= last; ++by) {
        const Span rows = outputs(by * side, (by + 1) * side, p_.stride_h, unit.rows);
        const auto doubtful = [&](std::int64_t bx) {
            for (std::int64_t n = 0; n < p_.N; ++n) {
                if (m.records[i * p_.N + n].verdicts[by * columns + bx] == kDoubtful) return true;
            }
            return false;
        };
        for_each_run(columns, doubtful, [&](std::int64_t first, std::int64_t end) {
            const Span all = outputs(first * side, end * side, p_.stride_w, unit.columns);
            for (std::int64_t p = rows.first; p < rows.end; p += direct_.rows()) {
                for (std::int64_t q = all.first; q < all.end; q += direct_.columns()) {
                    const Tile tile{state.block.first + unit.row + p,
                                    std::min(direct_.rows(), rows.end - p), unit.column + q,
                                    std::min(direct_.columns(), all.end - q)};
                    direct_.sum(src, state.group, tile, state.block.first, dst, m.direct);
                }
            }
        });
    }
}

/// Computes the lanes of unit i with doubtful blocks in double precision where that is predicted to
/// be cheaper.
bool TileChecks::try_doubles(const Source& src, const State& state, std::int64_t i,
                             TensorView<float> dst) const {
    const Memory m = memory_of(state.memory);
    const Unit& unit = state.units[static_cast<std::size_t>(i)];
    if (!precise_) return false;
    const auto outputs = static_cast<double>(sums_.side() * sums_.side()) /
                         static_cast<double>(p_.stride_h * p_.stride_w);
    const auto maps = static_cast<double>(p_.N * p_.group_kernels() * p_.group_channels());
    // Products with samples other than zero of the lane that has most of them.
    const auto products = [&](std::int64_t n) {
        const Record& record = m.records[i * p_.N + n];
        double sum = 0;
        for (std::int64_t at = 0; at < sums_.blocks(); ++at) {
            if (record.verdicts[at] != kDoubtful) continue;
            sum += std::min(sums_.samples_met(record.sums, at / sums_.block_columns(),
                                              at % sums_.block_columns()),
                            static_cast<double>(p_.R * p_.S));
        }
        return sum * outputs * maps;
    };
    double most = 0;
    std::int64_t touched = 0;
    for (std::int64_t n = 0; n < p_.N; ++n) {
        const double of_lane = products(n);
        most = std::max(most, of_lane);
        touched += of_lane > 0 ? 1 : 0;
    }
    if (touched == 0 ||
        most * kSecondsPerProduct < static_cast<double>(touched) * precise_->seconds()) {
        return false;
    }
    for (std::int64_t n = 0; n < p_.N; ++n) {
        if (products(n) == 0) continue;
        precise_->convolve(src, state.group, state.block, unit, n, dst,
                           {m.row, m.samples, m.tiles});
    }
    return true;
}

void TileChecks::mend(const Source& src, const State& state, TensorView<float> dst) const {
    const Memory m = memory_of(state.memory);
    for (std::int64_t i = 0; i < t_.together; ++i) {
        const Unit& unit = state.units[static_cast<std::size_t>(i)];
        if (unit.rows == 0) continue;
        std::fill_n(m.verdicts + i * p_.N * sums_.blocks(), p_.N * sums_.blocks(), kFine);
        judge(src, state, i, 1);
        if (try_doubles(src, state, i, dst)) judge(src, state, i, kDoubleShrink);
        sum_doubtful(src, state, i, dst);
        store_zeros(state, i, dst);
    }
}

}  // namespace conv
