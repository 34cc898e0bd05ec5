#include "pipeline/counted_results.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.hpp"
#include "base/size.hpp"
#include "pipeline/channel_conversion.hpp"
#include "pipeline/normalised_line.hpp"

namespace conv {
namespace {

/// The first output from which on, and the one up to which, the anchor lies inside a line of `size`
/// samples; output 0's anchor lies at `first`.
std::pair<std::int64_t, std::int64_t> outputs_inside(std::int64_t outputs, std::int64_t stride,
                                                     std::int64_t first, std::int64_t size) {
    const std::int64_t begin = first >= 0 ? 0 : std::min(ceil_div(-first, stride), outputs);
    const std::int64_t end = first >= size ? 0 : std::min(ceil_div(size - first, stride), outputs);
    return {begin, std::max(begin, end)};
}

std::int64_t first_anchor_row(const Problem& p, const Bank& bank) {
    return bank.anchor.y * p.dilation_h - p.padding.top;
}

std::int64_t first_anchor_column(const Problem& p, const Bank& bank) {
    return bank.anchor.x * p.dilation_w - p.padding.left;
}

bool anchors_inside(const Problem& p, const Bank& bank) {
    const std::pair rows{std::int64_t{0}, p.P()}, columns{std::int64_t{0}, p.Q()};
    return outputs_inside(p.P(), p.stride_h, first_anchor_row(p, bank), p.H) == rows &&
           outputs_inside(p.Q(), p.stride_w, first_anchor_column(p, bank), p.W) == columns;
}

/// Every channel of every map by itself.
Problem problem_apart(Problem p) {
    p.K = p.C * p.group_kernels();
    p.groups = p.C;
    return p;
}

bool needs_channels_apart(const Problem& p, const Bank& bank) {
    return !bank.each_channel && p.group_channels() > 1 && bank.has_zero_sum();
}

/// The kernels of problem_apart().
std::vector<float> weights_apart(const Problem& p, const Bank& bank) {
    const std::int64_t cells = p.R * p.S, each = p.group_channels(), maps = p.group_kernels();
    std::vector<float> apart;
    for (std::int64_t c = 0; c < p.C; ++c) {
        for (std::int64_t k = c / each * maps; k < (c / each + 1) * maps; ++k) {
            const auto from = bank.values.begin() + (k * each + c % each) * cells;
            apart.insert(apart.end(), from, from + cells);
        }
    }
    return apart;
}

std::vector<Normalisation> normalisations_of(const std::vector<float>& kernels,
                                             std::int64_t cells) {
    std::vector<Normalisation> all;
    for (auto at = kernels.begin(); at != kernels.end(); at += cells) {
        double sum = 0, absolute = 0;
        for (auto w = at; w != at + cells; ++w) {
            sum += static_cast<double>(*w);
            absolute += std::abs(static_cast<double>(*w));
        }
        all.emplace_back(sum, absolute, 1);
    }
    return all;
}

}  // namespace

void require_centres(const Problem& p, const Bank& bank) {
    if (!bank.has_zero_sum() || anchors_inside(p, bank)) return;
    fail(ErrorKind::usage,
         "--nodata: a kernel that sums to zero is applied to differences from its centre "
         "sample, and some centres lie outside the picture, use --padding same or valid, or "
         "--nodata none");
}

CountedResults::CountedResults(const FilteredPage& of)
    : bank_(of.bank), weighted_(of.channels.weighted), problem_(of.problem) {
    for (std::size_t k = 0; k < bank_.sums.size(); ++k)
        maps_.emplace_back(bank_, k, weighted_ ? of.channels.full_opacity : 1);
    if (!needs_channels_apart(problem_, bank_)) return;
    apart_ = weights_apart(problem_, bank_);
    apart_maps_ = normalisations_of(apart_, problem_.R * problem_.S);
}

Problem CountedResults::summed(const Problem& problem) const {
    return apart_.empty() ? problem : problem_apart(problem);
}

/// Channels that have a sample of their own under the anchor.
std::int64_t CountedResults::centre_lanes() const {
    return bank_.each_channel ? problem_.N : problem_.C;
}

/// Which samples under the anchors of output row `row` count, and for kernels that sum to zero what
/// they are.
void CountedResults::read_centres(const CountedRows& counted, std::int64_t row,
                                  CountedLine& line) const {
    const Problem& p = problem_;
    const std::int64_t lanes = centre_lanes(), Q = p.Q();
    line.counts.assign(static_cast<std::size_t>(Q * lanes), 1);
    const std::int64_t h = first_anchor_row(p, bank_) + row * p.stride_h;
    if (h < 0 || h >= p.H) return;
    const std::int64_t first = first_anchor_column(p, bank_);
    const auto inside = outputs_inside(Q, p.stride_w, first, p.W);
    const std::int64_t begin = inside.first, end = inside.second;
    const auto read = [&](const Image& from, auto* to) {
        const Source source = channels_as_pictures(from, from.shape.C);
        to += begin * lanes;
        if (p.stride_w == 1) return source.read_row(0, h, first + begin, end - begin, to);
        for (std::int64_t q = begin; q < end; ++q, to += lanes)
            source.read_row(0, h, first + q * p.stride_w, 1, to);
    };
    line.centres.resize(static_cast<std::size_t>(Q * lanes));
    if (weighted_) {
        read(counted.counts(), line.centres.data());
        for (std::int64_t i = begin * lanes; i < end * lanes; ++i) {
            const auto at = static_cast<std::size_t>(i);
            line.counts[at] = i % lanes == lanes - 1 || line.centres[at] != 0 ? 1 : 0;
        }
    } else {
        read(counted.counts(), line.counts.data());
    }
    if (bank_.has_zero_sum()) read(counted.values(), line.centres.data());
}

void CountedResults::normalise_planes(const TensorView<float>& results, std::int64_t i,
                                      const CountedBlock& block, CountedLine& line) const {
    const Problem& p = problem_;
    const std::int64_t lanes = p.N, count = p.Q() * lanes;
    line.weights.resize(static_cast<std::size_t>(count));
    for (std::int64_t k = 0; k < p.K; ++k) {
        const Normalisation& map = maps_[static_cast<std::size_t>(k)];
        float* to = &results(0, k, i, 0);
        const float* D = &block.weights(0, k, i, 0);
        if (block.common) {
            spread_line(D, p.Q(), lanes, line.weights.data());
            D = line.weights.data();
        }
        const WeighedLine weighed{D, line.counts.data(), count};
        if (map.zero_sum()) {
            difference_line(to, weighed, line.centres.data(), map.bias());
        } else {
            normalise_line(to, weighed, map);
        }
        if (weighted_) weigh_transparent(to, D, map, line);
    }
}

/// What is transparent is 0, and no less known for it; opacity is that of what counts.
void CountedResults::weigh_transparent(float* results, const float* D, const Normalisation& map,
                                       const CountedLine& line) const {
    const std::int64_t lanes = problem_.N;
    for (std::int64_t q = 0; q < problem_.Q(); ++q) {
        float* pixel = results + q * lanes;
        const auto A = static_cast<double>(D[q * lanes + lanes - 1]);
        for (std::int64_t n = 0; n + 1 < lanes && !map.enough(A); ++n) {
            if (line.counts[static_cast<std::size_t>(q * lanes + n)] != 0) pixel[n] = 0;
        }
        pixel[lanes - 1] = map.opacity(A);
    }
}

/// sum over c of the results of the channels' own kernels, of map k at output q.
float CountedResults::sum_of_channels(const Output& at, const CountedBlock& block,
                                      const CountedLine& line) const {
    const auto& [k, i, q] = at;
    const Problem& p = problem_;
    const std::int64_t each = p.group_channels(), kernels = p.group_kernels();
    double result =
        bank_.bias.empty() ? 0 : static_cast<double>(bank_.bias[static_cast<std::size_t>(k)]);
    for (std::int64_t c = k / kernels * each; c < (k / kernels + 1) * each; ++c) {
        const std::int64_t map = c * kernels + k % kernels;
        const Normalisation& own = apart_maps_[static_cast<std::size_t>(map)];
        if (own.empty()) continue;
        const auto N = static_cast<double>(block.sums(0, map, i, q));
        const auto D = static_cast<double>(block.weights(0, map, i, q));
        const auto centre = static_cast<std::size_t>(q * p.C + c);
        if (own.zero_sum() ? line.counts[centre] == 0 : !own.enough(D)) return kMissingSample;
        result += own.zero_sum() ? N - static_cast<double>(line.centres[centre]) * D
                                 : static_cast<double>(own.divided(N, D));
    }
    return static_cast<float>(result);
}

float CountedResults::map_result(const Output& at, const CountedBlock& block,
                                 const CountedLine& line) const {
    const auto& [k, i, q] = at;
    const Problem& p = problem_;
    const Normalisation& map = maps_[static_cast<std::size_t>(k)];
    const std::int64_t each = p.group_channels(), kernels = p.group_kernels();
    const std::int64_t first = k / kernels * each;
    const std::int64_t centre = q * p.C + first;
    const std::uint8_t* counts = line.counts.data() + centre;
    if (std::all_of(counts, counts + each, [](std::uint8_t m) { return m == 0; }))
        return kMissingSample;
    if (!apart_.empty() && map.zero_sum()) return sum_of_channels(at, block, line);
    double N = 0, D = 0;
    for (std::int64_t c = first; c < first + (apart_.empty() ? 1 : each); ++c) {
        const std::int64_t own = apart_.empty() ? k : c * kernels + k % kernels;
        N += static_cast<double>(block.sums(0, own, i, q));
        D += static_cast<double>(block.weights(0, own, i, q));
    }
    if (map.zero_sum()) {
        const float x0 = line.centres[static_cast<std::size_t>(centre)];
        return static_cast<float>(N - static_cast<double>(x0) * D) + map.bias();
    }
    return map.enough(D) ? map.divided(N, D) : kMissingSample;
}

void CountedResults::finish_row(const TensorView<float>& results, const Row& at,
                                const CountedBlock& block, CountedLine& line) const {
    read_centres(block.samples, at.row, line);
    if (bank_.each_channel) return normalise_planes(results, at.i, block, line);
    for (std::int64_t k = 0; k < problem_.K; ++k) {
        for (std::int64_t q = 0; q < problem_.Q(); ++q)
            results(0, k, at.i, q) = map_result({k, at.i, q}, block, line);
    }
}

}  // namespace conv
