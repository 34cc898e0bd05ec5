#include "explain/matrix_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "explain/labelled_matrices.hpp"
#include "text/text_table.hpp"

namespace conv {
namespace {

// Pictures and groups shown one after the other; more would only repeat the idea.
constexpr std::int64_t kMostShownParts = 4;

void write_matrix(std::ostream& out, const LabelledMatrix& m) {
    out << '\n' << m.title << '\n';
    TextTable table{m.row_names.empty() ? "r" : "lr", {}};
    if (!m.column_names.empty()) {
        table.rows.push_back(m.column_names);
        if (!m.row_names.empty()) table.rows.back().insert(table.rows.back().begin(), "");
    }
    for (std::int64_t i = 0; i < m.values.rows; ++i) {
        std::vector<std::string> cells;
        if (!m.row_names.empty()) cells.push_back(m.row_names[static_cast<std::size_t>(i)]);
        for (std::int64_t j = 0; j < m.values.columns; ++j) {
            const auto at = static_cast<std::size_t>(i * m.values.columns + j);
            const bool blank = !m.blank.empty() && m.blank[at];
            cells.push_back(blank ? "." : short_number(m.values(i, j)));
        }
        table.rows.push_back(std::move(cells));
    }
    table.write(out);
}

}  // namespace

void write_lowering(std::ostream& out, const Explanation& e, const std::string& name) {
    const std::int64_t pictures = e.source.source.shape.N, groups = e.problem.groups;
    const std::int64_t parts = std::min(pictures * groups, kMostShownParts);
    for (std::int64_t part = 0; part < parts; ++part) {
        const std::int64_t n = part / groups, g = part % groups;
        const auto matrices = lowering_matrices(e, name, n, g);
        if (matrices.empty()) {
            out << fmt::format("\nThe matrices of {} are {}.\n", name,
                               e.samples ? "too large to print, try a small --input"
                                         : "not shown, a --size has no samples");
            return;
        }
        if (part == 0 && e.channels.weighted) {
            out << "\nColours are multiplied by their opacity below; apply then multiplies their "
                   "sums "
                   "by "
                   "the\nkernel's sum, divided by the filtered opacity (the last channel), and "
                   "adds "
                   "the "
                   "bias.\n";
        }
        if (pictures > 1) out << fmt::format("\nChannel {} of {}\n", n, pictures);
        if (groups > 1) out << fmt::format("\nGroup {} of {}\n", g, groups);
        for (const LabelledMatrix& matrix : matrices) write_matrix(out, matrix);
    }
    if (parts < pictures * groups) {
        out << fmt::format("\n(and {} more like these)\n", pictures * groups - parts);
    }
}

}  // namespace conv
