#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "tensor/border.hpp"

namespace conv {

/// When filtering twice under a mode is filtering once by the composed kernel, with padding same.
enum class Composes {
    never,
    symmetric,  ///< where the first kernel is symmetric about its anchor
    always,
};

/// All that is known of a border mode. Option, help, messages, tests and benchmarks read it here.
struct BorderRule {
    BorderMode mode;
    std::array<std::string_view, 4> names;  ///< the canonical one first, then aliases
    std::string_view picture;               ///< what stands left and right of a line abc
    /// As border_index, for an i outside [0, size).
    std::int64_t (*outside)(std::int64_t i, std::int64_t size);
    /// A sample beyond one end may be read from near the other end.
    bool reads_far = false;
    Composes composes = Composes::never;
};

/// One for each mode, in their order.
std::span<const BorderRule> border_rules();
const BorderRule& border_rule(BorderMode mode);

/// The canonical names, and all of them.
std::vector<std::string> border_words();
/// "constant[:v,...] vv|abc|vv, replicate aa|abc|cc, ...; also zero, edge nearest clamp, ...".
std::string border_help();

}  // namespace conv
