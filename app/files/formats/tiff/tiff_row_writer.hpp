#pragma once

#include "files/formats/tiff/block_encoder.hpp"
#include "files/formats/tiff/encoded_tiff_page.hpp"
#include "files/output/byte_sink.hpp"
#include "tensor/rows.hpp"

namespace conv {

/// Where the strips or tiles of a page lie, in the order of their numbers.
struct TiffBlockTable {
    explicit TiffBlockTable(std::int64_t count)
        : offsets(static_cast<std::size_t>(count)), sizes(offsets.size()) {}

    std::vector<std::uint64_t> offsets, sizes;  ///< 0 where there is no block yet
};

/// A page whose blocks outside a rectangle are copied as they are.
struct TiffPatch {
    std::shared_ptr<const EncodedTiffPage> page;
    PagePatch changed;
};

/// Encodes the rows of one page into strips or tiles, several at a time, and appends them in the
/// order of the rows that it is given: any runs of rows that begin with a multiple of strip_rows().
/// With a patch rows come in order, and blocks that are not written, or hold nothing that changed,
/// are copied.
class TiffRowWriter : public PatchWriter {
public:
    /// `sink` and `table` outlive the writer. The table has all that was written after finish().
    TiffRowWriter(const PictureInfo& picture, const TiffLayout& layout, int threads, ByteSink& sink,
                  TiffBlockTable& table);
    /// Before any row is written.
    void set_patch(TiffPatch patch) { patch_ = std::move(patch); }

    void restrict_to(RowRange rows) override;
    bool any_order() const override { return true; }
    std::int64_t strip_rows() const override { return layout_.block_height; }
    std::int64_t memory_bytes() const override;
    void write(RowRange rows, const Image& band) override;
    void finish() override;

private:
    void flush();
    void append(std::int64_t row, std::int64_t within, const std::vector<std::uint8_t>& bytes);
    void copy_block_rows(std::int64_t end);
    std::int64_t number_of(std::int64_t row, std::int64_t within) const;
    bool is_copied(std::int64_t row, std::int64_t within) const;
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
    std::optional<TiffPatch> patch_;
    std::int64_t next_row_ = 0;  ///< of blocks, with a patch: those before it are written
    RowRange range_;             ///< rows to be made, with a patch
    std::vector<std::uint8_t> rows_;
};

}  // namespace conv
