#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/source.hpp"

namespace conv {

/// What stands outside the picture.
enum class BorderMode {
    constant,    ///< vv|abc|vv
    replicate,   ///< aa|abc|cc
    reflect,     ///< cba|abc|cba
    reflect101,  ///< cb|abc|ba
    wrap,        ///< bc|abc|ab
};

struct Border {
    BorderMode mode = BorderMode::constant;
    /// For `constant`, in pixel units: empty is 0, one value serves all channels, else one value
    /// for each channel (or for each of N*C channels of a batch).
    std::vector<float> values;

    float value(std::int64_t channel) const {
        return values.empty() ? 0.0F : values[static_cast<std::size_t>(channel) % values.size()];
    }
    bool operator==(const Border&) const = default;
};

/// The sample that stands at index i of a line of `size` samples, for any i, also when the line
/// repeats several times: an index in [0, size), or -1 for the constant. Periods: reflect 2*size,
/// reflect101 2*size - 2, wrap size.
std::int64_t border_index(BorderMode mode, std::int64_t i, std::int64_t size);

/// "constant:1,2", "replicate" ... to a Border. Aliases: zero; edge nearest clamp; symmetric;
/// mirror101; tile periodic. Throws Error{usage}; a bare "mirror" is refused with both meanings.
Border parse_border(std::string_view text);

/// The canonical text: format_border(parse_border(t)) names the mode, values after a colon.
std::string format_border(const Border& border);

/// What the constant border reads as in picture n, channel c of `source`, alpha weight included.
float constant_value(const Border& border, const Source& source, std::int64_t n, std::int64_t c);

/// One row of the padded picture as floats, all N pictures interleaved:
///   out[i * N + n] = picture n, channel c at row h, column first + i,   for i in [0, count)
/// where row and columns may lie outside the picture and the border rule then decides.
void pad_row(const Source& source, const Border& border, std::int64_t c, std::int64_t h,
             std::int64_t first, std::int64_t count, float* out);
/// The same row as bytes, of a source of those without alpha weighting and with a border of whole
/// numbers of 8 bits.
void pad_row(const Source& source, const Border& border, std::int64_t c, std::int64_t h,
             std::int64_t first, std::int64_t count, std::uint8_t* out);
/// The same of 16 bits.
void pad_row(const Source& source, const Border& border, std::int64_t c, std::int64_t h,
             std::int64_t first, std::int64_t count, std::uint16_t* out);

}  // namespace conv
