#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/aligned_buffer.hpp"
#include "conv/device.hpp"
#include "conv/device_planner.hpp"
#include "pipeline/channels.hpp"
#include "pipeline/missing_samples.hpp"
#include "pipeline/sum_verification.hpp"

namespace conv {

/// What one thread needs for blocks with missing samples.
struct CountedMemory {
    AlignedBuffer<std::byte> workspace;
    AlignedBuffer<float> weights;
    std::vector<float> centres;         ///< the samples under the anchor of one row of outputs
    std::vector<std::uint8_t> missing;  ///< which of these do not count
};

/// Normalised convolution: results over the samples that count alone, for blocks of output rows
/// where some do not. With m = 1 for samples that count and 0 for others,
///   result = sum(w m x) * sum(w) / sum(w m) + bias   where sum(w m) is enough (normalisation.hpp),
/// a and m both weighing under weighted alpha, and sum(w m (x - x0)) + bias for kernels that sum to
/// zero, x0 the sample under the anchor. kMissingSample elsewhere, and where the sample under the
/// anchor does not count (in a map of several channels: none of them does).
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
    /// One of the two convolutions.
    struct Part {
        Problem problem;
        Choice choice = {};
        Plan plan = {};
        std::unique_ptr<SumVerification> checks = nullptr;
    };
    void prepare(Part& part, const Device& device, const Limits& limits);
    void sum(const Part& part, const Source& source, RowRange rows, TensorView<float> to,
             CountedMemory& memory) const;
    void read_centres(const Image& from, std::int64_t picture, std::int64_t row,
                      CountedMemory& memory) const;
    void normalise_planes(const TensorView<float>& results, std::int64_t at,
                          const CountedMemory& memory) const;
    void normalise_maps(const TensorView<float>& results, std::int64_t at,
                        const CountedMemory& memory) const;
    std::int64_t centre_lanes() const;

    const Bank& bank_;
    ChannelPlan channels_;
    const FilterSettings& settings_;
    Nodata nodata_;
    Part values_, weights_;
};

}  // namespace conv
