#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "compare/measure.hpp"

namespace conv {

/// One comparison of a sweep, or the only one.
struct SweepStep {
    std::string kernel;     ///< as it would be given to -k
    std::int64_t size = 0;  ///< of the kernel; 0 without a sweep
    Comparison comparison;
};

/// The table people read: what is computed, one line a method, refusals with their reason, and what
/// the results were checked against. The table itself is at most `width` letters wide.
std::string comparison_table(const SweepStep& step,
                             std::optional<std::size_t> width = std::nullopt);

/// The same as one JSON object; numbers in seconds and bytes, absent where unknown.
nlohmann::ordered_json comparison_json(const SweepStep& step);

/// All steps as CSV (RFC 4180 with line feeds): a header and one line a method, empty fields where
/// a number is unknown.
std::string comparison_csv(const std::vector<SweepStep>& steps);

/// "12.3 ms": seconds in the unit that suits them.
std::string format_seconds(double seconds);

}  // namespace conv
