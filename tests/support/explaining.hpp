#pragma once

#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <vector>

#include "cli.hpp"

namespace conv::test {

struct ExplainRun {
    int code;
    std::string out, err;
};

inline ExplainRun run_explain(std::vector<std::string> arguments) {
    std::ostringstream out, err;
    const int code = run_cli(std::move(arguments), out, err);
    return {code, out.str(), err.str()};
}

/// The printed text from the line that begins with `first` on, up to the line that begins with
/// `last`, or to the end.
inline std::string part_of(const std::string& text, const std::string& first,
                           const std::string& last = "") {
    const std::size_t begin = text.find('\n' + first);
    REQUIRE(begin != std::string::npos);
    const std::size_t end = last.empty() ? std::string::npos : text.find('\n' + last, begin + 1);
    return text.substr(begin + 1, end - begin - 1);
}

/// The textbook example: 2x2 on 3x3.
inline const std::vector<std::string> kPlane = {
    "explain", "-k", "9 8; 7 6", "--input", "1 2 3; 4 5 6; 7 8 9", "--padding", "valid"};

inline std::vector<std::string> with(std::vector<std::string> arguments,
                                     const std::vector<std::string>& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

}  // namespace conv::test
