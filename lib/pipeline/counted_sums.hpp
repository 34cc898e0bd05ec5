#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/aligned_buffer.hpp"
#include "conv/device.hpp"
#include "conv/device_planner.hpp"
#include "pipeline/channels.hpp"
#include "pipeline/counted_results.hpp"
#include "pipeline/counted_rows.hpp"
#include "pipeline/sum_rows.hpp"
#include "pipeline/sum_verification.hpp"

namespace conv {

/// What one thread needs for blocks with missing samples.
struct CountedMemory {
    AlignedBuffer<std::byte> workspace;
    AlignedBuffer<float> sums, weights;
    std::vector<CountedRows> rows;  ///< of each picture of the source
    CountedLine line;
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
    /// For a page whose sums without missing samples are `of.problem`: chooses methods and makes
    /// their plans, as choose_device does. `of.bank` must outlive this object.
    CountedSums(const FilteredPage& of, const Device& device, const Limits& limits);

    /// Bytes that the plans keep, and that each thread takes beside its block of sums, for blocks
    /// of `block_rows` rows of a page of type `type`.
    std::int64_t kept_bytes() const;
    std::int64_t thread_bytes(std::int64_t block_rows, SampleType type) const;

    /// The results of a block of `input`, in the place of its sums.
    void run(const ChannelSource& input, const SumRows& results, CountedMemory& memory) const;
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
    Weights weights() const;
    CountedPart channels_of(std::int64_t picture) const;
    Source counted_source(const Image& picture, std::int64_t number) const;
    void prepare(Part& part, const FilterSettings& settings, const Device& device,
                 const Limits& limits) const;
    void sum(const Part& part, const Source& source, const SumRows& to,
             CountedMemory& memory) const;
    CountedBlock sum_weights(const CountedRows& counted, const SumRows& sums,
                             CountedMemory& memory) const;

    const Bank& bank_;
    ChannelPlan channels_;
    Nodata nodata_;
    Problem problem_;  ///< of the results
    CountedResults results_;
    Part values_, weights_;
    std::optional<Part> common_;  ///< weights where interleaved channels are missing together
};

}  // namespace conv
