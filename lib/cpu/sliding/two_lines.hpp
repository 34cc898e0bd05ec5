#pragma once

#include <span>
#include <vector>

#include "conv/memory.hpp"
#include "conv/problem.hpp"
#include "cpu/sliding/running_sums.hpp"
#include "tensor/rows.hpp"
#include "tensor/source.hpp"
#include "tensor/view.hpp"

namespace conv {

/// One map: the column's line and the row's.
struct LinePair {
    RunningLine column, row;
    double column_sum;  ///< of the column's taps: what a column of ones gives
};

/// Running sums down the columns of a block, kRowsAlong rows at a time turned on their side, and
/// running sums along those. A block begins anew, so that it depends on its own rows alone.
class TwoLines {
public:
    TwoLines(const Problem& problem, std::vector<LinePair> pairs, std::span<const float> bias);

    /// Rows of a block: the windows fill once in each, in R steps.
    static std::int64_t rows_of_block(const Problem& p);
    Memory memory() const;
    /// As Plan::run.
    void run(const Source& src, RowRange rows, TensorView<float> dst, float* workspace) const;

private:
    /// What is read of a sample: itself, or whether it is none.
    enum class Reading { samples, holes };
    /// What one map of a run reads and writes.
    struct Block {
        const Source& src;
        std::int64_t k;
        RowRange rows;
        Reading reading;
        TensorView<float> dst;
    };
    struct Work;
    struct Steps;

    Work split(float* workspace) const;
    bool sum_map(const Block& block, const LinePair& pair, const Work& work) const;
    bool load_steps(const Block& block, const Steps& steps, const Work& work) const;
    void step_down(const RunningLine& column, const Steps& steps, const Work& work) const;
    void sum_rows(const Block& block, const LinePair& pair, const Steps& steps,
                  const Work& work) const;
    float constant_sum(const Block& block, const LinePair& pair, std::int64_t n) const;
    void mark_holes(const float* along, std::int64_t count, float* rows,
                    std::int64_t row_step) const;

    std::int64_t line_floats() const { return p_.W * p_.N; }

    Problem p_;
    std::vector<LinePair> pairs_;
    LinePair counts_;  ///< windows of ones, for NaN and Inf in them
    std::vector<float> bias_;
    std::vector<std::int64_t> places_;  ///< of the padded columns among those of a turned row
    std::int64_t states_;
};

}  // namespace conv
