#pragma once

#include <array>
#include <optional>

#include "cpu/fft/local_sums.hpp"
#include "cpu/fft/precise_tile.hpp"
#include "cpu/fft/result_bounds.hpp"
#include "cpu/tile/direct_tile.hpp"

namespace conv {

/// Sees to it that every output of the fft method keeps the local error. Before a tile is
/// transformed its samples are looked at: lanes (one picture of one unit) are brought to like size
/// by powers of two. Afterwards blocks of outputs whose windows might hold too little beside what
/// else is in the tile are computed again, in double precision or directly, and windows of zeros
/// get what they must. How much a window holds is told by the result itself where nothing is
/// negative (ResultBounds). Elsewhere bounds from the samples (LocalSums) say of most tiles that
/// all is fine, and the results of |w| and |x| tell of the others; banks have the samples' bounds
/// alone.
///
/// Error of a lane, before its scale is undone, u = eps/2: the forward transform, the products with
/// the weights' spectrum and the inverse transform add independent errors of at most
/// u*sqrt(log2 T) each, relative in the 2-norm (TileFft), over the complex tile, whose parts are
/// two lanes. Over T points they spread evenly, so that their root mean square is at most
///   sqrt(3 log2 T) * u * sqrt((r1^2 + r2^2) / 2) * sum |w|
/// with r1, r2 the lanes' root mean squares. Of one channel under one map more is known once it is
/// transformed: the forward transform's errors are white and meet the 2-norm |w|, or lie where the
/// spectrum does, and the other two are relative to the results, root mean square y (of both parts
/// together), so that
///   sqrt(log2 T) * u * sqrt(|w|^2 * (r1^2 + r2^2) / 2 + 3 * y^2 / 2)
/// holds too, which is less where a kernel's negative weights cancel what they meet. FFTW's passes
/// are two to three times better than that (docs/numerics.md), and 3 times it is taken as the
/// bound: of 2^20 outputs less than one is beyond 6 true deviations. Errors of twiddle factors
/// repeat, and leave ghosts of single large samples: they are at most u*sqrt(log2 T) * (largest
/// sample) * (largest weight) each.
class TileChecks {
public:
    TileChecks(const Problem& problem, const Weights& weights, const FftTiling& tiling);

    static std::int64_t kept_bytes(const Problem& problem, const FftTiling& tiling);
    static std::int64_t workspace_floats(const Problem& problem, const FftTiling& tiling);

    /// Whether the samples have to be looked at: not where the largest that their type holds leaves
    /// less than the slack.
    bool wanted(const Source& src) const;

    /// What is known about one pair of units of one group.
    struct State {
        TilePair pair;
        float* memory;
        bool zero = true;    ///< all samples of all lanes
        bool signs = false;  ///< samples of both signs: their sizes have to be convolved
        std::array<bool, 2> by_results{};  ///< whether a unit's results are judged by themselves
        std::array<bool, 2> fine{};        ///< whether a unit's samples say that all is fine
    };
    struct Lane {
        float scale = 1, back = 1;  ///< powers of two, their product is 1
        bool finite = true;
    };

    /// Looks at the samples of all lanes.
    State look(const TilePair& pair, float* memory) const;
    /// How lane i, of unit i / N, has to be loaded and stored.
    const Lane& lane(const State& state, std::int64_t i) const;
    /// Sees a block of the results' spectrum of complex tile i, `count` floats; where a group has
    /// one channel and one map.
    void add_spectrum(const State& state, std::int64_t i, const float* block,
                      std::int64_t count) const;
    /// Once the results of a tile stand that needs a yardstick, or whose samples have both signs:
    /// whether the sums of |w||x| are needed after all, as results are to be judged by them.
    bool wants_sizes(State& state) const;
    /// Row h of map k of picture n in the results of unit i.
    struct ResultRow {
        std::int64_t i, n, k, h;
    };
    /// Sees a row of results before its bias is added.
    void add_results(const State& state, const ResultRow& at, const float* row) const;
    /// Puts right what is doubtful in the results of the units.
    void mend(const State& state, TensorView<float> dst) const;

private:
    /// A thread's memory.
    struct Memory;
    struct Record;
    Memory memory_of(float* memory) const;
    std::int64_t lanes() const { return t_.together * p_.N; }
    template <typename Body>
    void for_each_row(const State& state, std::int64_t i, std::int64_t c, const Body& body) const;
    bool survey(State& state, std::int64_t i) const;
    void gather(const State& state, std::int64_t i) const;
    void gather_finite(const State& state, std::int64_t i, std::int64_t n) const;
    void scale_pairs(const State& state) const;
    void refine_needs(const State& state) const;
    bool fine_by_ranks(const State& state, std::int64_t i) const;
    void find_bounds(const State& state, std::int64_t i, double shrink) const;
    double result_bound(const Record& record, std::int64_t block) const;
    bool fine_by_results(const State& state, std::int64_t i) const;
    double slack_of(const State& state, std::int64_t n, double opacity) const;
    bool known_to_be_fine(const State& state, std::int64_t i, double shrink) const;
    void judge(const State& state, std::int64_t i, double shrink) const;
    void judge_blocks(const State& state, std::int64_t i, double shrink) const;
    void store_zeros(const State& state, std::int64_t i, TensorView<float> dst) const;
    void repair(const State& state, std::int64_t i, TensorView<float> dst) const;
    void sum_doubtful(const State& state, std::int64_t i, TensorView<float> dst) const;
    bool try_doubles(const State& state, std::int64_t i, TensorView<float> dst) const;

    Problem p_;
    FftTiling t_;
    std::array<std::int64_t, 8> sizes_;  ///< of the parts of a thread's memory
    UnitRows rows_;
    LocalSums sums_;
    ResultBounds results_;
    DirectTile direct_;
    std::optional<PreciseTile> precise_;
    double norm_ = 0;  ///< the largest sum |w| of a map
    struct Norms {
        double one = 0, two = 0;  ///< sum |w|, sqrt(sum w^2)
    };
    std::vector<Norms> norms_;  ///< of each map
    double error_ = 0;          ///< of outputs, over r * sum |w|
    bool positive_ = true;      ///< all weights are
    std::vector<float> bias_;
};

}  // namespace conv
