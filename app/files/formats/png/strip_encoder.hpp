#pragma once

#include <cstdint>
#include <vector>

#include "files/output/byte_sink.hpp"
#include "tensor/rows.hpp"

namespace conv {

/// Filters and compresses rows of PNG samples into chunks IDAT, strip by strip.
class PngStripEncoder {
public:
    /// `level`: 0 stores, 1 to 4 compress runs alone, 5 to 9 are zlib's. `threads` as
    /// parallel_for's.
    PngStripEncoder(const PictureInfo& picture, int level, int threads, ByteSink& sink);

    /// A row of samples, most significant byte first, row_bytes() of them.
    std::uint8_t* next_row();
    /// The row that next_row() gave is filled in; after the last one the stream is closed.
    void row_done();

    std::size_t row_bytes() const { return row_bytes_; }
    std::int64_t memory_bytes() const;

private:
    std::int64_t rows_in(std::int64_t strip) const;
    void encode_group();
    void filter(std::int64_t strip);
    void compress(std::int64_t strip);
    void deflate(ByteView window, ByteView bytes, bool is_last,
                 std::vector<std::uint8_t>& out) const;
    void close_stream(std::vector<std::uint8_t>& chunk);

    ByteSink& sink_;
    int level_, threads_;
    std::int64_t height_, strip_rows_, group_strips_;
    std::size_t row_bytes_, pixel_bytes_;
    std::int64_t encoded_ = 0, pending_ = 0;  ///< rows
    std::vector<std::uint8_t> rows_;          ///< the row above, then those of a group
    std::vector<std::uint8_t> filtered_;      ///< the window before, then those of a group
    std::size_t window_ = 0;                  ///< filtered bytes before the group that are known
    std::vector<std::vector<std::uint8_t>> chunks_;
    std::vector<std::uint32_t> sums_;
    std::uint32_t sum_ = 1;  ///< Adler-32 of all filtered rows
};

}  // namespace conv
