#pragma once

#include <vector>

#include "pipeline/result_row.hpp"
#include "pipeline/settings.hpp"
#include "pipeline/tally.hpp"
#include "tensor/image.hpp"
#include "tensor/source.hpp"

namespace conv {

/// The input's samples, which stay where results do not count (Selection).
class KeptInput {
public:
    /// `input` is a window of the size of the results; both must outlive this object.
    KeptInput(const Image& input, const FilterSettings& settings)
        : input_(input), settings_(settings) {}

    SampleType type() const { return input_.type; }
    /// The input's samples where these values go, in their units, into tally.input.
    void read(const ResultRow& row, Tally& tally) const;
    /// Blends results with the input as the selection says.
    void blend(const ResultRow& row, Tally& tally) const;
    /// What an integer depth cannot hold of the input is not lost by filtering.
    void fit_outside(const ResultRow& row) const;
    /// Puts the pixels outside of the region into the result, bit for bit; no values are read.
    void copy_outside(const Image& result, const ResultRow& row) const;
    /// Puts the samples that read() gave where nothing is selected, into a result of 8 bits.
    void restore_bytes(const Image& result, const ResultRow& row, const Tally& tally) const;

private:
    Source source(const ResultPlace& place) const;

    const Image& input_;
    const FilterSettings& settings_;
};

}  // namespace conv
