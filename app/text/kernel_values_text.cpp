#include "text/kernel_values_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ostream>
#include <string>
#include <vector>

#include "kernels/analysis.hpp"
#include "text/text_table.hpp"

namespace conv {

namespace {

/// Values as text; what rounding left where one should be zero is zero.
std::vector<std::string> cells_of(const std::vector<double>& values) {
    constexpr double kRoundingResidue = 1e-14;
    double largest = 0;
    for (const double value : values) largest = std::max(largest, std::abs(value));
    std::vector<std::string> cells;
    for (const double value : values) {
        const bool residue = std::abs(value) < kRoundingResidue * largest;
        cells.push_back(short_number(residue ? 0 : value));
    }
    return cells;
}

/// Column and row of a kernel that is their product; false where it is none.
bool write_factors(std::ostream& out, const Kernel& kernel) {
    if (kernel.rank != 2) return false;
    Decomposition factors = decompose(kernel.values, kernel.R, kernel.S);
    if (numerical_rank(factors.singular_values) != 1) return false;
    std::vector<double>&column = factors.columns[0], &row = factors.rows[0];
    if (*std::max_element(column.begin(), column.end()) <= 0) {
        for (auto* factor : {&column, &row}) {
            for (double& value : *factor) value = -value;
        }
    }
    out << "  a column times a row, too wide to be shown as one:\n"
        << fmt::format("  column  {}\n", fmt::join(cells_of(column), " "))
        << fmt::format("  row     {}\n", fmt::join(cells_of(row), " "));
    return true;
}

}  // namespace

void write_kernel_values(std::ostream& out, const Kernel& kernel,
                         std::optional<std::size_t> width) {
    const std::vector<std::string> cells = cells_of(kernel.values);
    std::size_t cell = 0;
    for (const std::string& text : cells) cell = std::max(cell, text.size() + 2);
    const bool fits = !width || cell * static_cast<std::size_t>(kernel.S) <= *width;
    if (!fits && write_factors(out, kernel)) return;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto at = static_cast<std::int64_t>(i);
        if (at > 0 && at % (kernel.R * kernel.S) == 0) out << '\n';
        out << fmt::format("{:>{}}{}", cells[i], cell, (at + 1) % kernel.S == 0 ? "\n" : "");
    }
}

}  // namespace conv
