#include <algorithm>

#include "cpu/fft/tile_record.hpp"

namespace conv {
namespace {

// Double against single precision, one bit given away.
constexpr double kDoubleShrink = 1.0 / (1 << 28);
// Direct sums against transforms: products of one picture in a second, on few columns at once.
constexpr double kSecondsPerProduct = 1.0 / 50e9;

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
    const Unit& unit = state.pair.unit(i);
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
                    for (std::int64_t k = state.pair.group * K; k < (state.pair.group + 1) * K;
                         ++k) {
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
void TileChecks::sum_doubtful(const State& state, std::int64_t i, TensorView<float> dst) const {
    const Memory m = memory_of(state.memory);
    const TilePair& pair = state.pair;
    const Unit& unit = pair.unit(i);
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
                    const Tile tile{pair.block.first + unit.row + p,
                                    std::min(direct_.rows(), rows.end - p), unit.column + q,
                                    std::min(direct_.columns(), all.end - q)};
                    direct_.sum(pair.src,
                                {pair.group, 0, p_.group_kernels(), tile, pair.block.first}, dst,
                                m.direct);
                }
            }
        });
    }
}

/// Computes the lanes of unit i with doubtful blocks in double precision where that is predicted to
/// be cheaper.
bool TileChecks::try_doubles(const State& state, std::int64_t i, TensorView<float> dst) const {
    const Memory m = memory_of(state.memory);
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
        precise_->convolve(rows_.channel(state.pair, i, 0), n, dst, {m.row, m.samples, m.tiles});
    }
    return true;
}

/// Computes again what is doubtful in unit i.
void TileChecks::repair(const State& state, std::int64_t i, TensorView<float> dst) const {
    if (state.by_results[static_cast<std::size_t>(i)]) gather(state, i);
    judge(state, i, 1);
    if (try_doubles(state, i, dst)) judge(state, i, kDoubleShrink);
    sum_doubtful(state, i, dst);
}

void TileChecks::mend(const State& state, TensorView<float> dst) const {
    const Memory m = memory_of(state.memory);
    for (std::int64_t i = 0; i < t_.together; ++i) {
        const Unit& unit = state.pair.unit(i);
        if (unit.rows == 0 || state.fine[static_cast<std::size_t>(i)]) continue;
        if (!state.zero && fine_by_results(state, i)) continue;
        const Verdict first = state.zero ? kZeros : kFine;
        std::fill_n(m.verdicts + i * p_.N * sums_.blocks(), p_.N * sums_.blocks(), first);
        if (!state.zero) repair(state, i, dst);
        store_zeros(state, i, dst);
    }
}

}  // namespace conv
