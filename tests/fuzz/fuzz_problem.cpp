// Problem text: what is read is written as text that reads as the same problem.
#include <cstdlib>
#include <string_view>

#include "base/error.hpp"
#include "conv/problem.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const conv::Problem problem = conv::parse_problem(text);
        if (!(conv::parse_problem(conv::format_problem(problem)) == problem)) std::abort();
    } catch (const conv::Error& error) {
        if (error.kind() == conv::ErrorKind::internal) throw;
    }
    return 0;
}
