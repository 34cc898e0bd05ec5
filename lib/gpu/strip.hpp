#pragma once

#include "conv/method.hpp"
#include "gpu/device_strip.hpp"

namespace conv::gpu {

/// Lines start at a multiple of this many samples: 16 bytes even for 8-bit samples.
inline constexpr std::int64_t kLineSamples = 16;

/// Where the padded input of a strip of output rows lies:
///   [group][column phase][row phase][line][channel of the group][column * N + picture].
/// Padded row h is line h / dilation_h of row phase h % dilation_h; padded column w is column
/// w / stride_w of column phase w % stride_w. Whatever strides and dilations are, the samples that
/// kernel cell (r, s) meets in output row p, for all its columns and pictures i = q * N + n, are
/// then the consecutive samples row_start(p) + r * channels * line + tap(s) + i. Sizes in samples.
struct StripLayout {
    Problem problem;
    std::int64_t rows;      ///< output rows of a full strip
    std::int64_t channels;  ///< of one group
    std::int64_t lines;     ///< of one row phase
    std::int64_t line;      ///< from one line to the next

    StripLayout(const Problem& p, std::int64_t strip_rows);

    std::int64_t row_phase() const { return lines * channels * line; }
    std::int64_t column_phase() const { return problem.dilation_h * row_phase(); }
    std::int64_t group() const { return problem.stride_w * column_phase(); }
    std::int64_t size() const { return problem.groups * group(); }
    /// The first sample that output row p of the strip reads, in channel 0 of a group.
    std::int64_t row_start(std::int64_t p) const {
        const std::int64_t h = p * problem.stride_h;
        return h % problem.dilation_h * row_phase() + h / problem.dilation_h * channels * line;
    }
    /// Where horizontal tap s is from the first.
    std::int64_t tap(std::int64_t s) const {
        const std::int64_t w = s * problem.dilation_w;
        return w % problem.stride_w * column_phase() + w / problem.stride_w * problem.N;
    }
};

/// Where the results of a strip lie: map k of a group, output row p, `line` floats to a row. Row p
/// is row p / chain of chain p % chain. Sizes in floats.
struct ResultLayout {
    std::int64_t line;       ///< Q * N rounded up
    std::int64_t maps;       ///< of one group
    std::int64_t chain = 1;  ///< output rows from one row of a chain to the next
    std::int64_t group_step, chain_step, row_step, map_step;
    std::int64_t size;

    std::int64_t offset(std::int64_t k, std::int64_t p) const {
        return k / maps * group_step + k % maps * map_step + p % chain * chain_step +
               p / chain * row_step;
    }
};

/// [map][row][column]: one plane a map.
ResultLayout planar_results(const Problem& p, std::int64_t rows);
/// [group][chain][row of the chain][map][column].
ResultLayout chained_results(const Problem& p, std::int64_t rows, std::int64_t chain);

/// The device kernels' copies, for a strip of `rows` output rows. The sizes fit where too_large
/// says nothing.
DeviceStrip device_strip(const StripLayout& input, const ResultLayout& results, std::int64_t rows);
DeviceResults device_results(const ResultLayout& results, std::int64_t rows);

/// The type in which the padded samples of `source` travel to the device: its own if they, border
/// included, are such values; else float32.
SampleType travel_type(const Problem& problem, const Source& source);

/// The output rows of a strip, and whether the samples that they read are all numbers.
struct StripRows {
    std::int64_t count = 0;
    bool finite = true;
};

/// Pads what output rows `rows` read of `source` into `strip`, in samples of `type`.
StripRows fill_strip(const StripLayout& layout, const Source& source, RowRange rows,
                     SampleType type, void* strip);

/// Copies the results of a strip into dst, N x K x output rows x Q as in Plan::run and
/// Plan::run_u8.
void store_results(const ResultLayout& layout, const float* results, TensorView<float> dst);
void store_results(const ResultLayout& layout, const std::uint8_t* results,
                   TensorView<std::uint8_t> dst);

}  // namespace conv::gpu
