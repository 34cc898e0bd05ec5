#pragma once

#include <string>
#include <vector>

#include "explain/explanation.hpp"
#include "explain/matrix_drawing.hpp"

namespace conv {

/// What every figure shows: the picture, and the result as pictures, one output (p, q) marked.
struct Scene {
    const Explanation& e;
    const Problem& p;
    std::int64_t row, column;           ///< the marked output
    Matrix weights, columns, result;    ///< of the first channel and group
    std::vector<MatrixDrawing> planes;  ///< the padded picture, one for each channel
    std::vector<MatrixDrawing> maps;    ///< the result, one for each kernel
    std::vector<MatrixDrawing>
        squares;  ///< the first kernel as it is written, one for each channel

    explicit Scene(const Explanation& explanation);
    std::int64_t output() const { return row * p.Q() + column; }
    std::vector<float> ones() const { return std::vector<float>(e.bank.values.size(), 1.0F); }

    /// The picture's planes, below them the kernel.
    std::vector<MatrixDrawing> operands() const;
    /// "113 = 9×2 + 8×3 + 7×5 + 6×6", as many of the products as fit `width`.
    std::string sum(double width) const;

private:
    MatrixDrawing plane(std::int64_t c) const;
    MatrixDrawing square(std::int64_t c) const;
    MatrixDrawing map(std::int64_t k) const;
};

}  // namespace conv
