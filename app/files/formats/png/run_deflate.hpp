#pragma once

#include <cstdint>
#include <vector>

#include "files/file_bytes.hpp"

namespace conv {

/// Compresses bytes as deflate blocks (RFC 1951) that know only runs of one byte, as zlib's
/// strategy Z_RLE: filtered picture rows hold little else, and the search for other repetitions
/// costs several times as much. The blocks are appended to `out`, which must end on a byte, and
/// end on a byte themselves. `is_last` closes the deflate stream. Blocks refer to nothing before
/// `bytes`, so that streams can be made of parts that were compressed apart.
void deflate_runs(ByteView bytes, bool is_last, std::vector<std::uint8_t>& out);

}  // namespace conv
