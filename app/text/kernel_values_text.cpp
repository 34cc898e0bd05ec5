#include "text/kernel_values_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ostream>
#include <string>

#include "text/text_table.hpp"

namespace conv {

void write_kernel_values(std::ostream& out, const Kernel& kernel) {
    std::vector<std::string> cells;
    std::size_t width = 0;
    // What rounding left where a value should be zero.
    constexpr double kRoundingResidue = 1e-14;
    double largest = 0;
    for (const double value : kernel.values) largest = std::max(largest, std::abs(value));
    for (const double value : kernel.values) {
        const bool residue = std::abs(value) < kRoundingResidue * largest;
        cells.push_back(short_number(residue ? 0 : value));
        width = std::max(width, cells.back().size());
    }
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto at = static_cast<std::int64_t>(i);
        if (at > 0 && at % (kernel.R * kernel.S) == 0) out << '\n';
        out << fmt::format("{:>{}}{}", cells[i], width + 2, (at + 1) % kernel.S == 0 ? "\n" : "");
    }
}

}  // namespace conv
