#pragma once

#include <string_view>
#include <vector>

#include "files/formats/png/png_chunks.hpp"
#include "tensor/rows.hpp"

namespace conv {

/// Sorts what an ancillary chunk says into contents.metadata. Chunks that describe the samples as
/// they were, and unknown ones that may, become losses.
void note_png_chunk(std::string_view type, ByteView data, PngContents& contents);

/// The bytes of a whole chunk: length, type, data, checksum.
std::vector<std::uint8_t> png_chunk(std::string_view type, ByteView data);

/// The chunks of `metadata` that belong before the samples of `picture`.
std::vector<std::uint8_t> png_metadata_chunks(const Metadata& metadata, const PictureInfo& picture);

/// Those that belong after them, and what may stand there of `metadata.late`.
std::vector<std::uint8_t> png_late_chunks(const Metadata& metadata, const PictureInfo& picture);

}  // namespace conv
