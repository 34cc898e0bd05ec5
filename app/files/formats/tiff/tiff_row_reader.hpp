#pragma once

#include "files/formats/tiff/row_decoder.hpp"
#include "tensor/rows.hpp"

namespace conv {

/// The rows of one TIFF page, turned as its orientation says. Rows can be read in any order; only
/// orientations 5 to 8, which exchange rows and columns, take the picture into memory.
class TiffRowReader : public RowReader {
public:
    explicit TiffRowReader(const TiffPageSource& source);

    const PictureInfo& info() const override { return info_; }
    bool can_seek() const override { return true; }
    std::int64_t memory_bytes() const override;
    void read(RowRange rows, const Image& band) override;

private:
    void read_turned(RowRange rows, const Image& band);

    PictureInfo stored_, info_;
    int orientation_;
    std::unique_ptr<RowDecoder> decoder_;
    Image whole_;  ///< as stored, where rows and columns are exchanged
};

}  // namespace conv
