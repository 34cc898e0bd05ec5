#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "cli.hpp"
#include "documents/help_text.hpp"
#include "kernels/builtin.hpp"
#include "text/builtin_list_text.hpp"
#include "text/kernel_values_text.hpp"
#include "text/terminal.hpp"
#include "text/text_table.hpp"
#include "text/wrapping.hpp"

using namespace conv;

namespace {

std::size_t widest_line(const std::string& text) {
    std::istringstream lines(text);
    std::size_t widest = 0;
    for (std::string line; std::getline(lines, line);)
        widest = std::max(widest, letter_count(line));
    return widest;
}

}  // namespace

TEST_CASE("width: sentences are wrapped below their first word or behind their label") {
    CHECK(fitted("  one two three four five six", 20) == "  one two three four\n  five six\n");
    CHECK(fitted("  name  one two three four", 20) == "  name  one two\n        three four\n");
    CHECK(fitted("short\n", 20) == "short\n");
    CHECK(fitted("× × × × × × × × × ×", 20) == "× × × × × × × × × ×\n");
}

TEST_CASE("width: rows of numbers are cut, which the end says, and whole without a width") {
    const std::string row = "  1111  2222  3333  4444\n";
    CHECK(fitted(row, 20) == "  1111  2222  33 ...\n(rows cut to 20 columns)\n");
    CHECK(fitted(row, std::nullopt) == row);
}

TEST_CASE("width: a wide table is written in parts that begin with the first column") {
    const TextTable table{"lr", {{"", "first", "second"}, {"row", "1", "22222222"}}};
    const auto written = [&](std::optional<std::size_t> width) {
        std::ostringstream out;
        table.write(out, 2, width);
        return out.str();
    };
    CHECK(written(std::nullopt) == "       first    second\n  row      1  22222222\n");
    CHECK(written(22) == written(std::nullopt));
    CHECK(written(21) == "       first\n  row      1\n\n         second\n  row  22222222\n");
    CHECK(written(3) == written(21));
}

TEST_CASE("width: a wide separable kernel is shown as its column and its row") {
    Kernel kernel;
    kernel.R = 2;
    kernel.S = 3;
    kernel.values = {1, 2, 3, 2, 4, 6};
    const auto written = [&](std::optional<std::size_t> width) {
        std::ostringstream out;
        write_kernel_values(out, kernel, width);
        return out.str();
    };
    CHECK(written(9) == "  1  2  3\n  2  4  6\n");
    const std::string factors = written(8);
    std::istringstream words(factors.substr(factors.find("column  ") + 8));
    double column[2], row[3];
    std::string label;
    words >> column[0] >> column[1] >> label >> row[0] >> row[1] >> row[2];
    for (int r = 0; r < 2; ++r) {
        for (int s = 0; s < 3; ++s) {
            CHECK(
                column[r] * row[s] ==
                doctest::Approx(kernel.values[static_cast<std::size_t>(r * 3 + s)]).epsilon(1e-5));
        }
    }
    kernel.values.back() = 7;  // rank 2
    CHECK(written(8) == "  1  2  3\n  2  4  7\n");
}

TEST_CASE("width: help and the list of kernels fit narrow terminals too") {
    const CommandOutline program = command_line_outline();
    for (const CommandOutline& command : program.subcommands) {
        std::string text = help_text(command, 60);
        text.erase(std::min(text.find("\nExample: "), text.size()));
        CAPTURE(command.path);
        CHECK(widest_line(text) <= 60);
    }
    CHECK(widest_line(builtin_list_text(60)) <= 60);
    CHECK(widest_line(builtin_list_text()) <= 80);
}

TEST_CASE("width: COLUMNS says how wide text shall be, unless it is kept in memory") {
    const char* given = std::getenv("COLUMNS");
    const std::string before = given ? given : "";
    std::ofstream file("/dev/null");
    setenv("COLUMNS", "61", 1);
    CHECK(terminal_width(file) == 61);
    CHECK(!terminal_width(std::ostringstream()));
    for (const char* nonsense : {"", "0", "wide", "61x", "-61"}) {
        CAPTURE(nonsense);
        setenv("COLUMNS", nonsense, 1);
        const auto width = terminal_width(file);
        CHECK((!width || isatty(STDOUT_FILENO) == 1));
    }
    given ? setenv("COLUMNS", before.c_str(), 1) : unsetenv("COLUMNS");
}
