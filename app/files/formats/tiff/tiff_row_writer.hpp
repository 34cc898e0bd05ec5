#pragma once

#include "files/formats/tiff/block_encoder.hpp"
#include "files/output/byte_sink.hpp"
#include "tensor/rows.hpp"

namespace conv {

/// Where the strips or tiles of a page lie, in the order of their numbers.
struct TiffBlockTable {
    explicit TiffBlockTable(std::int64_t count)
        : offsets(static_cast<std::size_t>(count)), sizes(offsets.size()) {}

    std::vector<std::uint64_t> offsets, sizes;  ///< 0 where there is no block yet
};

/// Encodes the rows of one page into strips or tiles, several at a time, and appends them in the
/// order of the rows that it is given: any runs of rows that begin with a multiple of strip_rows().
class TiffRowWriter : public RowWriter {
public:
    /// `sink` and `table` outlive the writer. The table has all that was written after finish().
    TiffRowWriter(const PictureInfo& picture, const TiffLayout& layout, int threads, ByteSink& sink,
                  TiffBlockTable& table);

    bool any_order() const override { return true; }
    std::int64_t strip_rows() const override { return layout_.block_height; }
    std::int64_t memory_bytes() const override;
    void write(RowRange rows, const Image& band) override;
    void finish() override;

private:
    void flush();
    TiffBlock block_at(std::int64_t row, std::int64_t within) const;
    void fill_row(const std::uint8_t* row, std::int64_t first, std::int64_t plane,
                  std::uint8_t* out, std::int64_t columns) const;

    PictureInfo picture_;
    TiffLayout layout_;
    int threads_;
    ByteSink& sink_;
    TiffBlockTable& table_;
    std::int64_t row_bytes_;        ///< of the picture, channels together
    std::int64_t batch_rows_;       ///< whole rows of blocks
    std::int64_t batch_first_ = 0;  ///< picture row of the first that is held
    std::int64_t held_ = 0;
    std::vector<std::uint8_t> rows_;
};

}  // namespace conv
