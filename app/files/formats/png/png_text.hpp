#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "files/file_bytes.hpp"
#include "files/metadata.hpp"

namespace conv {

/// The text of a chunk tEXt, zTXt or iTXt; nothing where it is damaged or inflates to more than
/// 16 MiB.
std::optional<TextEntry> parse_png_text(std::string_view type, ByteView data);

/// A text as the chunk that fits it: `type` becomes tEXt, zTXt or, beyond Latin-1, iTXt.
std::vector<std::uint8_t> png_text(const TextEntry& entry, std::string_view& type);

/// Bytes as PNG texts hold profiles, in hexadecimal digits after a name and a length; and back.
std::string raw_profile_text(std::string_view name, ByteView profile);
std::vector<std::uint8_t> raw_profile(std::string_view text);

/// zlib streams; nothing where one is damaged or inflates to more than 16 MiB.
std::optional<std::vector<std::uint8_t>> inflated(ByteView data);
std::vector<std::uint8_t> deflated(ByteView data);

}  // namespace conv
