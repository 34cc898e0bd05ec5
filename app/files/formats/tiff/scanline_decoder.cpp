#include "base/error.hpp"
#include "files/formats/tiff/row_decoder.hpp"

namespace conv {
namespace {

/// Rows of strips too tall to be kept: decoded one after the other, each plane by a reader of its
/// own. Going back begins the strip again.
class ScanlineDecoder : public RowDecoder {
public:
    explicit ScanlineDecoder(const TiffPageSource& source) : source_(source) {
        open_plane();
        const TiffBlocks blocks = blocks_of(planes_[0].get(), source.page, source.bytes.name());
        while (static_cast<std::int64_t>(planes_.size()) < blocks.planes) open_plane();
        height_ = blocks.height;
        row_.resize(static_cast<std::size_t>(blocks.row_bytes));
        const std::int64_t strips = blocks.planes * blocks.down * 16;
        memory_ = blocks.planes *
                      (largest_stored_block(planes_[0].get(), blocks) + strips + kCodecBytes) +
                  blocks.row_bytes;
        placer_ = std::make_unique<RowPlacer>(planes_[0].get(), source.page, source.bytes.name());
    }

    std::int64_t memory_bytes() const override { return memory_; }

    void decode(RowRange rows, const RowWindow& window) override {
        skip_to(rows.first);
        for (std::int64_t y = rows.first; y < rows.first + rows.count; ++y) {
            for (std::size_t plane = 0; plane < planes_.size(); ++plane) {
                read_row(plane, y);
                placer_->place(row_.data(),
                               {y, 0, source_.page.width, static_cast<std::int64_t>(plane)},
                               window);
            }
        }
        next_ = rows.first + rows.count;
        placer_->finish_rows(window, rows.first, rows.count);
    }

private:
    static constexpr std::int64_t kCodecBytes = 256 << 10;

    /// Decodes what lies between the last row and `y`, from the beginning of its strip at most.
    void skip_to(std::int64_t y) {
        const std::int64_t strip = y / height_ * height_;
        const std::int64_t from = next_ > y || next_ < strip ? strip : next_;
        for (std::size_t plane = 0; plane < planes_.size(); ++plane) {
            for (std::int64_t row = from; row < y; ++row) read_row(plane, row);
        }
    }

    void read_row(std::size_t plane, std::int64_t y) {
        if (TIFFReadScanline(planes_[plane].get(), row_.data(), static_cast<std::uint32_t>(y),
                             static_cast<std::uint16_t>(plane)) != 1) {
            refuse_damaged_tiff(source_.bytes.name());
        }
    }

    void open_plane() {
        planes_.emplace_back(source_.bytes, source_.offset);
        read_colour_mode(planes_.back().get(), source_.page);
    }

    TiffPageSource source_;
    std::vector<TiffHandle> planes_;
    std::vector<std::uint8_t> row_;
    std::unique_ptr<RowPlacer> placer_;
    std::int64_t memory_ = 0, height_ = 0, next_ = 0;
};

}  // namespace

std::unique_ptr<RowDecoder> scanline_decoder(const TiffPageSource& source) {
    return std::make_unique<ScanlineDecoder>(source);
}

}  // namespace conv
