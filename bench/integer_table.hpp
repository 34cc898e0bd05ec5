#pragma once

#include <string>
#include <vector>

#include "conv/device.hpp"

namespace conv::bench {

/// A problem in whole numbers, over 8-bit samples: weights and bias over one denominator.
struct IntegerRow {
    std::string problem;
    int denominator;
    int most;  ///< no weight is larger
};

/// Windows, strides, dilations, groups, batches and banks; denominators that have ties, and weights
/// of one to several digits.
std::vector<IntegerRow> integer_rows();

/// Both kinds of results of a plan for 8-bit samples: pictures of a batch lie sample by sample.
struct PlanResults {
    std::vector<float> sums;
    std::vector<std::uint8_t> bytes;
    Lost lost;
};

PlanResults run_plan(const Plan& plan, const Problem& p, const Source& source);

/// What a method of a device gave for a row, held against the processor bit for bit.
struct IntegerAnswer {
    std::string method;
    std::int64_t values = 0;     ///< float results and bytes together
    std::int64_t different = 0;  ///< of them, and 1 where values were lost that the processor kept
};

/// Every method that takes the row. Over the denominator 1 all methods' sums are exact: they are
/// compared with naive's, as floats and rounded to bytes. Over others `igemm` alone is, and is
/// compared with the processor's igemm. Throws what the methods throw.
std::vector<IntegerAnswer> integer_answers(const Device& device, const Device& processor,
                                           const IntegerRow& row);

}  // namespace conv::bench
