#include <algorithm>
#include <bit>

#include "base/error.hpp"
#include "base/parallel.hpp"
#include "base/size.hpp"
#include "files/formats/tiff/row_decoder.hpp"

namespace conv {
namespace {

constexpr std::int64_t kPieceBytes = 256 << 10;  // few system calls, little memory

/// Rows of uncompressed strips, read where they lie.
class PlainRowDecoder : public RowDecoder {
public:
    explicit PlainRowDecoder(const TiffPageSource& source)
        : source_(source),
          tiff_(source.bytes, source.offset),
          blocks_(blocks_of(tiff_.get(), source.page, source.bytes.name())),
          row_bytes_(ceil_div(source.page.width * (blocks_.planes > 1 ? 1 : source.page.channels) *
                                  source.page.form.bits,
                              8)),
          piece_rows_(std::max<std::int64_t>(kPieceBytes / row_bytes_, 1)) {
        const int threads = resolve_threads(source.threads);
        for (int i = 0; i < threads; ++i) {
            workers_.push_back({RowPlacer(tiff_.get(), source.page, source.bytes.name()), {}});
        }
    }

    std::int64_t memory_bytes() const override {
        const auto workers = static_cast<std::int64_t>(workers_.size());
        const std::int64_t strips = blocks_.planes * blocks_.down * 16;
        return workers * piece_rows_ * row_bytes_ + strips;
    }

    void decode(RowRange rows, const RowWindow& window) override {
        const std::int64_t pieces = ceil_div(rows.count, piece_rows_);
        const auto body = [&](std::int64_t piece, int worker) {
            const std::int64_t first = rows.first + piece * piece_rows_;
            const std::int64_t end = std::min(first + piece_rows_, rows.first + rows.count);
            Worker& mine = workers_[static_cast<std::size_t>(worker)];
            for (std::int64_t plane = 0; plane < blocks_.planes; ++plane) {
                for (std::int64_t y = first; y < end;)
                    y += read_part(mine, plane, {y, end - y}, window);
            }
            mine.placer.finish_rows(window, first, end - first);
        };
        parallel_for(pieces, static_cast<int>(workers_.size()), body);
    }

private:
    struct Worker {
        RowPlacer placer;
        std::vector<std::uint8_t> piece;
    };

    /// Reads the rows of one strip with which `rows` begins; returns how many these were.
    std::int64_t read_part(Worker& worker, std::int64_t plane, RowRange rows,
                           const RowWindow& window) {
        const std::int64_t strip = rows.first / blocks_.height;
        const std::int64_t inside = rows.first % blocks_.height;
        const std::int64_t count = std::min(rows.count, blocks_.height - inside);
        worker.piece.resize(static_cast<std::size_t>(count * row_bytes_));
        read_bytes(blocks_.index(plane, strip, 0), inside, worker.piece);
        for (std::int64_t i = 0; i < count; ++i) {
            worker.placer.place(worker.piece.data() + i * row_bytes_,
                                {rows.first + i, 0, source_.page.width, plane}, window);
        }
        return count;
    }

    void read_bytes(std::int64_t strip, std::int64_t row, std::vector<std::uint8_t>& piece) const {
        const auto number = static_cast<std::uint32_t>(strip);
        const std::uint64_t start = TIFFGetStrileOffset(tiff_.get(), number);
        const std::uint64_t stored = TIFFGetStrileByteCount(tiff_.get(), number);
        const auto size = static_cast<std::uint64_t>(source_.bytes.size());
        const auto skipped = static_cast<std::uint64_t>(row * row_bytes_);
        const bool held = start > 0 && start < size && skipped + piece.size() <= stored;
        const auto at = static_cast<std::int64_t>(start + skipped) + source_.samples_later;
        if (!held || source_.bytes.read_at(at, piece.data(), piece.size()) < piece.size()) {
            fail(ErrorKind::input, "{}: the TIFF is damaged: strip {} is not whole",
                 source_.bytes.name(), strip);
        }
        arrange(piece);
    }

    /// Bits and bytes in the order that the placer takes.
    void arrange(std::vector<std::uint8_t>& piece) const {
        if (source_.page.reversed_bits) {
            TIFFReverseBits(piece.data(), static_cast<tmsize_t>(piece.size()));
        }
        const auto bytes = static_cast<std::size_t>(source_.page.form.bits / 8);
        if (!source_.page.swapped_bytes || source_.page.form.bits % 8 != 0 || bytes == 1) return;
        if (bytes == 2) {
            return TIFFSwabArrayOfShort(reinterpret_cast<std::uint16_t*>(piece.data()),
                                        static_cast<tmsize_t>(piece.size() / 2));
        }
        for (std::size_t i = 0; i < piece.size(); i += bytes) {
            std::reverse(&piece[i], &piece[i] + bytes);
        }
    }

    TiffPageSource source_;
    TiffHandle tiff_;
    TiffBlocks blocks_;
    std::int64_t row_bytes_, piece_rows_;
    std::vector<Worker> workers_;
};

}  // namespace

std::unique_ptr<RowDecoder> plain_row_decoder(const TiffPageSource& source) {
    return std::make_unique<PlainRowDecoder>(source);
}

}  // namespace conv
