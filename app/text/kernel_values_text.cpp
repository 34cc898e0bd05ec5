#include "text/kernel_values_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <string>

#include "text/text_table.hpp"

namespace conv {

void write_kernel_values(std::ostream& out, const Kernel& kernel) {
    std::vector<std::string> cells;
    std::size_t width = 0;
    for (const double value : kernel.values) {
        cells.push_back(short_number(value));
        width = std::max(width, cells.back().size());
    }
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto at = static_cast<std::int64_t>(i);
        if (at > 0 && at % (kernel.R * kernel.S) == 0) out << '\n';
        out << fmt::format("{:>{}}{}", cells[i], width + 2, (at + 1) % kernel.S == 0 ? "\n" : "");
    }
}

}  // namespace conv
