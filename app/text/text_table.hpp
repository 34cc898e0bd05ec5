#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace conv {

/// Cells in aligned columns. `align` has a character for each column, 'l' or 'r', its last one
/// serving all further columns; the last column is not padded when it is 'l'.
struct TextTable {
    std::string align = "l";
    std::vector<std::vector<std::string>> rows;

    /// One line for each row, `indent` blanks before it, two blanks between columns. A table wider
    /// than `width` is written as several, one below the other, each with the first column.
    void write(std::ostream& out, std::size_t indent = 2,
               std::optional<std::size_t> width = std::nullopt) const;

private:
    /// Numbers of the columns, the first in each part that fits.
    std::vector<std::vector<std::size_t>> parts(const std::vector<std::size_t>& widths,
                                                std::size_t room) const;
};

/// Six significant digits, as "0.111111", "-3", "1e+06"; never "-0".
std::string short_number(double value);

/// A count with thousands separators, "65,025"; above 2^53 as "1.23e+20".
std::string grouped(double count);

/// "1 kernel", "3 kernels".
std::string counted(std::int64_t count, const std::string& noun);

}  // namespace conv
