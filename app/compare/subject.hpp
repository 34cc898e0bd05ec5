#pragma once

#include <vector>

#include "base/aligned_buffer.hpp"
#include "conv/convolve.hpp"
#include "pipeline/bank.hpp"
#include "pipeline/channels.hpp"
#include "pipeline/missing_samples.hpp"
#include "pipeline/settings.hpp"

namespace conv {

/// One picture made ready to be convolved as `apply` would: what every method of a comparison gets.
/// Holds views of its own members, so it stays where it is made.
class Subject {
public:
    /// Throws what plan_channels and validate throw.
    Subject(Image page, Bank bank, const FilterSettings& settings);
    Subject(const Subject&) = delete;
    Subject& operator=(const Subject&) = delete;

    const Problem& problem() const { return problem_; }
    const Source& source() const { return input_.source; }
    const Image& page() const { return page_; }
    Weights weights() const;
    /// How many times the problem is solved: pictures that are not computed together.
    std::int64_t pictures() const { return source().shape.N / problem_.N; }
    /// Multiplications of the direct sum, over all pictures.
    double macs() const { return problem_.macs() * static_cast<double>(pictures()); }

private:
    Image page_;
    Bank bank_;
    FilterSettings settings_;
    ChannelPlan channels_;
    ChannelSource input_;
    CountedSamples counted_;  ///< what is summed where samples do not count
    Problem problem_;
};

/// The float sums of one method for a whole subject, before any rounding.
struct Sums {
    AlignedBuffer<float> values;
    Strides strides;
    Shape shape;  ///< of one picture: N K P Q

    /// Room for a subject's sums, arranged for a plan of `block_rows`, all NaN.
    Sums(const Subject& subject, std::int64_t block_rows);
    /// Puts the maps in the order that suits a plan of `block_rows`; the values lose their meaning.
    void arrange(std::int64_t block_rows);
    TensorView<float> picture(std::int64_t index);
};

/// Thrown out of a run that was told to stop.
struct Interrupted {};

/// Runs a plan over the whole subject. `stopped` is asked before each block; where it says yes,
/// Interrupted is thrown.
void run_plan(const Subject& subject, const Plan& plan, int threads, Sums& sums,
              const std::function<bool()>& stopped);

}  // namespace conv
