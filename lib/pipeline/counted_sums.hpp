#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/aligned_buffer.hpp"
#include "conv/device.hpp"
#include "conv/device_planner.hpp"
#include "pipeline/channels.hpp"
#include "pipeline/counted_rows.hpp"
#include "pipeline/normalisation.hpp"
#include "pipeline/sum_verification.hpp"

namespace conv {

/// What one thread needs for blocks with missing samples.
struct CountedMemory {
    AlignedBuffer<std::byte> workspace;
    AlignedBuffer<float> sums, weights;
    std::vector<CountedRows> rows;     ///< of each picture of the source
    std::vector<float> line;           ///< weights of one row, for each of its channels
    std::vector<float> centres;        ///< the samples under the anchor of one row of outputs
    std::vector<std::uint8_t> counts;  ///< which of these count
};

/// Normalised convolution: results over the samples that count alone, for blocks of output rows
/// where some do not. With m = 1 for samples that count and 0 for others,
///   result = sum(w m x) * sum(w) / sum(w m) + bias   where sum(w m) is enough (normalisation.hpp),
/// a and m both weighing under weighted alpha, and sum(w m (x - x0)) + bias for kernels that sum to
/// zero, x0 the sample under the anchor. kMissingSample elsewhere, and where the sample under the
/// anchor does not count (in a map of several channels: none of them does). A map of several
/// channels that sums to zero is the sum over its channels, each treated so by itself, and missing
/// where one of them has no result.
class CountedSums {
public:
    /// For a page whose sums without missing samples are `problem`. `bank` and `settings` must
    /// outlive this object. Throws Error{usage} where a kernel that sums to zero has no centre
    /// sample.
    CountedSums(const Bank& bank, const ChannelPlan& channels, const Problem& problem,
                const FilterSettings& settings);

    /// Chooses methods and makes their plans, as choose_device does.
    void prepare(const Device& device, const Limits& limits);
    /// Bytes that the plans keep, and that each thread takes beside its block of sums, for blocks
    /// of `block_rows` rows of a page of type `type`.
    std::int64_t kept_bytes() const;
    std::int64_t thread_bytes(std::int64_t block_rows, SampleType type) const;

    /// The results of output rows `rows` of picture `picture` of `input`, N x K x rows.count x Q.
    void run(const ChannelSource& input, std::int64_t picture, RowRange rows,
             TensorView<float> results, CountedMemory& memory) const;
    /// For -v, after the runs; empty without --verify.
    std::vector<std::string> summaries() const;

private:
    /// One of the convolutions.
    struct Part {
        const char* of;  ///< what it sums, for people
        Problem problem;
        Choice choice = {};
        Plan plan = {};
        std::unique_ptr<SumVerification> checks = nullptr;
    };
    /// Sums of weights, for each channel or of all alike.
    struct WeightSums {
        TensorView<float> sums;
        bool common;
    };
    Weights weights() const;
    CountedPart channels_of(std::int64_t picture) const;
    Source counted_source(const Image& picture, std::int64_t number) const;
    void prepare(Part& part, const Device& device, const Limits& limits);
    void sum(const Part& part, const Source& source, RowRange rows, TensorView<float> to,
             CountedMemory& memory) const;
    WeightSums sum_weights(const CountedRows& counted, std::int64_t picture, RowRange rows,
                           CountedMemory& memory) const;
    void read_centres(const CountedRows& counted, std::int64_t row, CountedMemory& memory) const;
    void normalise_planes(const TensorView<float>& results, std::int64_t at,
                          const WeightSums& weights, CountedMemory& memory) const;
    void weigh_transparent(float* line, const float* D, const Normalisation& map,
                           const CountedMemory& memory) const;
    struct Maps {
        const TensorView<float>& sums;
        const TensorView<float>& weights;
    };
    void normalise_maps(const TensorView<float>& results, std::int64_t at, const Maps& maps,
                        const CountedMemory& memory) const;
    float map_result(std::int64_t k, std::int64_t at, std::int64_t q, const Maps& maps,
                     const CountedMemory& memory) const;
    float sum_of_channels(std::int64_t k, std::int64_t at, std::int64_t q, const Maps& maps,
                          const CountedMemory& memory) const;
    std::int64_t centre_lanes() const;

    const Bank& bank_;
    ChannelPlan channels_;
    const FilterSettings& settings_;
    Nodata nodata_;
    Problem problem_;  ///< of the results
    std::vector<Normalisation> maps_;
    /// Where a map of several channels sums to zero: its kernel apart for each channel, map
    /// c * K/groups + k of C groups; else empty.
    std::vector<float> apart_;
    std::vector<Normalisation> apart_maps_;
    Part values_, weights_;
    std::optional<Part> common_;  ///< weights where interleaved channels are missing together
};

}  // namespace conv
