#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/filtered_page.hpp"

namespace conv {

/// What filtering a page comes to, whatever the method: which of its channels are convolved, the
/// problem that they pose, and the form of the results.
class PageProblem {
public:
    /// All arguments must outlive this object. A page without samples is planned for. Throws what
    /// plan_channels and validate throw, and Error{usage} where the settings do not fit the page.
    PageProblem(const Bank& bank, const Image& page, const FilterSettings& settings);
    PageProblem(const PageProblem&) = delete;  // others refer to its parts
    PageProblem& operator=(const PageProblem&) = delete;

    const Image& page() const { return page_; }
    const Bank& bank() const { return bank_; }
    const FilterSettings& settings() const { return settings_; }
    const ChannelPlan& channels() const { return channels_; }
    const ChannelSource& input() const { return input_; }
    const Problem& problem() const { return problem_; }
    /// How `page` is filtered: this one, or a window of it.
    FilteredPage filtered(const Image& page) const {
        return {page, channels_, problem_, bank_, settings_};
    }
    /// Under weighted alpha without the bias, which is added after the division by the opacity.
    Weights weights() const;

    /// Bytes of the result pictures, and of samples that had to be converted.
    std::int64_t result_bytes() const;
    /// Result values of these rows, copied ones not counted, nor those outside of a region.
    std::int64_t value_count(RowRange rows) const;
    std::int64_t value_count() const { return value_count({0, problem_.P()}); }
    std::int64_t result_count() const;
    Shape result_shape() const;
    SampleType stored_type() const;
    /// An uninitialised picture as the results are, of `height` rows; and one for each of them.
    Image new_result(std::int64_t height) const;
    std::vector<Image> new_results(std::int64_t height) const;

private:
    const Bank& bank_;
    const Image& page_;
    const FilterSettings& settings_;
    ChannelPlan channels_;
    ChannelSource input_;
    Problem problem_;
};

/// The problem that the channels of a page pose: sizes, padding as numbers, the border.
Problem filter_problem(const Bank& bank, const ChannelSource& input,
                       const FilterSettings& settings);

}  // namespace conv
