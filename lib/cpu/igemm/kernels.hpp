#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "tensor/convert.hpp"
#include "tensor/sample_type.hpp"

namespace conv {

/// Cells, and samples of a row, that are read and ignored beyond the last that counts.
inline constexpr std::int64_t kCellsBeyond = 64;

/// What words are summed less, so that they have a sign.
inline constexpr std::uint32_t kWordOffset = 32768;

/// A line of cells: 32 bits hold `samples` of CellKernel, what consecutive picture rows have in one
/// column or neighbours in one row. Output rows first..last of a strip read it.
struct CellLine {
    std::int64_t offset;  ///< in cells, from the strip's first line
    std::int64_t first, last;
};

/// One strip of output rows of one map:
///   sum(t, x) = sum over lines l with first <= t <= last, taps s of
///       the products of cells[l.offset + taps[s] + x] and the weights for (l, s, t), added up
struct CellSums {
    const std::uint32_t* cells;
    std::span<const CellLine> lines;
    std::span<const std::int64_t> taps;  ///< in cells
    const std::uint32_t* weights;        ///< cells of weights: [line][tap][digit][t]
    std::int64_t rows;                   ///< that count, of the kernel's
    std::int64_t columns;
};

/// How sums become bytes: (sum + bias) / denominator, rounded half to even.
struct ByteQuotient {
    enum class Form {
        whole,     ///< the denominator is 1
        product,   ///< times the inverse in float32: exact enough, or the inverse is exact
        quotient,  ///< a correctly rounded float32 quotient, which keeps ties
    };
    Form form = Form::whole;
    float denominator = 1;
    std::int32_t bias = 0;
    bool fits = false;  ///< no result leaves 0..255
};

/// Sums of cells with one instruction set. Weights are taken in `digits` digits, value = digit 0 +
/// 256 * digit 1, and each digit is summed by itself in 32 bits. Words are summed less kWordOffset,
/// with weights of one digit.
struct CellKernel {
    SampleType type;       ///< of the picture: u8 or u16
    std::int64_t samples;  ///< of a cell: 4 of 8 bits, or 2 of 16
    std::int64_t rows;     ///< output rows of a strip
    std::int64_t digits;   ///< 1 or 2
    std::int64_t digit_bits;
    /// What a tap of a line takes at least, its loads or the latency of its sums: in the time of a
    /// vector's multiply-adds.
    double least;
    /// cells[x] = rows[0..samples)[x] for x in [0, count), rounded up to a vector. Rows are of
    /// `type`.
    void (*pack)(const std::byte* const* rows, std::int64_t count, std::uint32_t* cells);
    /// out[t * step + x]; the sums of all digits together must fit 32 bits. Null: not there.
    Lost (*bytes)(const CellSums& sums, const ByteQuotient& quotient, std::uint8_t* out,
                  std::int64_t step);
    /// The digits' sums: out[(digit * rows + t) * step + x], columns rounded up to a vector.
    void (*digit_sums)(const CellSums& sums, std::int32_t* out, std::int64_t step);
};

/// The kernels of this processor's best instruction set.
std::span<const CellKernel> cell_kernels();

}  // namespace conv
