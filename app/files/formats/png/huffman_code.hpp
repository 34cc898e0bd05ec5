#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace conv {

/// Bits of a code for literals and lengths (RFC 1951, 3.2.7).
inline constexpr int kLongestDeflateCode = 15;

/// Code lengths of a prefix code for symbols with the given counts, none longer than `longest`;
/// 0 for symbols that do not occur. At least one symbol must occur; a lone one gets one bit. The
/// lengths are the shortest (Huffman) but for the few that `longest` cuts.
void code_lengths(std::span<const std::uint32_t> counts, int longest,
                  std::span<std::uint8_t> lengths);

/// The codes of deflate for these lengths (RFC 1951, 3.2.2), their bits in the order in which they
/// are sent.
void codes_of_lengths(std::span<const std::uint8_t> lengths, std::span<std::uint16_t> codes);

}  // namespace conv
