#pragma once

#include <cstdint>
#include <vector>

namespace conv {

/// PNG's five filters (PNG specification, 9.2). For each row the one is taken whose bytes, as
/// signed numbers, have the least sum of magnitudes: near to the smallest file, and cheap.
class PngRowFilter {
public:
    PngRowFilter(std::size_t row_bytes, std::size_t pixel_bytes)
        : row_bytes_(row_bytes), pixel_bytes_(pixel_bytes), candidate_(row_bytes) {}

    /// Writes the filter's number and the filtered row to `out`, row_bytes + 1 bytes. `above` is
    /// the row before, zeros for the first.
    void best(const std::uint8_t* row, const std::uint8_t* above, std::uint8_t* out);

private:
    std::size_t row_bytes_, pixel_bytes_;
    std::vector<std::uint8_t> candidate_;
};

}  // namespace conv
