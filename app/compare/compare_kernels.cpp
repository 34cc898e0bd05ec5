#include "compare/compare_kernels.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "base/error.hpp"
#include "kernels/builtin.hpp"
#include "options/kernel_source.hpp"
#include "text/terminal.hpp"

namespace conv {
namespace {

/// The sizes of "sizes=3,5,7".
std::vector<std::int64_t> sweep_sizes(const std::string& text) {
    constexpr std::string_view kKey = "sizes=";
    std::vector<std::int64_t> sizes;
    std::string_view rest = text;
    const bool known = rest.starts_with(kKey);
    if (known) rest.remove_prefix(kKey.size());
    while (known && !rest.empty()) {
        std::int64_t size = 0;
        const auto [at, status] = std::from_chars(rest.data(), rest.data() + rest.size(), size);
        if (status != std::errc() || size < 1) break;
        sizes.push_back(size);
        rest.remove_prefix(static_cast<std::size_t>(at - rest.data()));
        if (!rest.empty() && (rest.front() != ',' || rest.size() == 1)) break;
        if (!rest.empty()) rest.remove_prefix(1);
    }
    if (sizes.empty() || !rest.empty()) {
        fail(ErrorKind::usage, "--sweep '{}' is not understood, use sizes=3,5,7,9,15,31", text);
    }
    return sizes;
}

/// Throws where the built-in has no parameter that --sweep could set.
void require_size(const std::string& reference) {
    std::vector<std::string> sized;
    for (const Builtin& builtin : builtin_kernels()) {
        for (const BuiltinParameter& parameter : builtin.parameters) {
            if (parameter.name == "size") sized.push_back(builtin.name);
        }
    }
    const std::string name = reference.substr(0, reference.find(':'));
    if (std::find(sized.begin(), sized.end(), name) != sized.end()) return;
    fail(ErrorKind::usage, "--sweep sizes=: {} has no parameter size, use one of {}", name,
         fmt::join(sized, ", "));
}

}  // namespace

std::vector<NamedKernels> step_kernels(const CompareOptions& o) {
    const std::vector<std::string>& given = o.filter.kernels;
    if (o.sweep.empty()) {
        NamedKernels all;
        for (const std::string& argument : given) {
            all.name += (all.name.empty() ? "" : " ") + printable_line(argument);
            for (Kernel& kernel : load_kernels(argument, o.filter.kernel_format)) {
                all.kernels.push_back(std::move(kernel));
            }
        }
        return {std::move(all)};
    }
    const std::string& argument = given.front();
    if (given.size() != 1 || !is_builtin_reference(argument) ||
        argument.find("size=") != std::string::npos) {
        fail(ErrorKind::usage,
             "--sweep needs one built-in kernel without its size, as -k gaussian:sigma=2, got '{}'",
             printable_line(argument));
    }
    require_size(argument);
    std::vector<NamedKernels> steps;
    for (const std::int64_t size : sweep_sizes(o.sweep)) {
        const char* separator = argument.find(':') == std::string::npos ? ":" : ",";
        const std::string reference = fmt::format("{}{}size={}", argument, separator, size);
        steps.push_back({reference, size, make_builtin(reference)});
    }
    return steps;
}

void add_chain(const FilterOptions& o, std::vector<NamedKernels>& steps) {
    for (const std::string& argument : o.then) {
        steps.push_back({printable_line(argument), 0, load_kernels(argument, o.kernel_format)});
        if (steps.back().kernels.size() == 1) continue;
        fail(ErrorKind::usage, "--then {} is {} kernels, it takes one", argument,
             steps.back().kernels.size());
    }
}

}  // namespace conv
