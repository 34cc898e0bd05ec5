#include <algorithm>
#include <optional>

#include "base/error.hpp"
#include "base/parallel.hpp"
#include "base/size.hpp"
#include "files/formats/tiff/row_decoder.hpp"

namespace conv {
namespace {

constexpr std::int64_t kGroupBytes = 64 << 10;  // one-row strips are decoded many at a time

/// Decodes whole strips or tiles, each thread with a reader of its own. The last row of blocks that
/// was needed in part is kept.
class BlockRowDecoder : public RowDecoder {
public:
    explicit BlockRowDecoder(const TiffPageSource& source) : source_(source) {
        const TiffHandle tiff(source.bytes, source.offset);
        read_colour_mode(tiff.get(), source.page);
        blocks_ = blocks_of(tiff.get(), source.page, source.bytes.name());
        workers_.resize(static_cast<std::size_t>(std::min<std::int64_t>(
            resolve_threads(source.threads), blocks_.planes * blocks_.across * blocks_.down)));
        stored_bytes_ = largest_stored_block(tiff.get(), blocks_);
    }

    std::int64_t memory_bytes() const override {
        constexpr std::int64_t kCodecBytes = 256 << 10;
        const PictureInfo info = source_.page.stored_picture();
        const std::int64_t kept = blocks_.height == 1
                                      ? 0
                                      : picture_bytes(info.type, info.shape) / info.shape.H *
                                            std::min(blocks_.height, info.shape.H);
        const std::int64_t tables = blocks_.planes * blocks_.down * blocks_.across * 16;
        return kept + static_cast<std::int64_t>(workers_.size()) *
                          (blocks_.bytes + stored_bytes_ + tables + kCodecBytes);
    }

    void decode(RowRange rows, const RowWindow& window) override {
        const std::int64_t end = rows.first + rows.count, height = blocks_.height;
        std::int64_t y = rows.first;
        while (y < end) {
            const std::int64_t row = y / height;
            const std::int64_t block_end = std::min((row + 1) * height, source_.page.height);
            if (y > row * height || block_end > end) {
                y = copy_kept(row, {y, std::min(block_end, end) - y}, window);
            } else {
                const std::int64_t whole = end == source_.page.height ? blocks_.down : end / height;
                decode_block_rows(row, whole, window);
                y = std::min(whole * height, source_.page.height);
            }
        }
    }

private:
    struct Worker {
        std::optional<TiffHandle> tiff;
        std::optional<RowPlacer> placer;
        std::vector<std::uint8_t> block;
    };

    /// Copies rows of one row of blocks, which are decoded where they are not at hand. Returns the
    /// row after them.
    std::int64_t copy_kept(std::int64_t block_row, RowRange rows, const RowWindow& window) {
        const std::int64_t first = block_row * blocks_.height;
        if (kept_row_ != block_row) {
            const PictureInfo info = source_.page.stored_picture();
            if (!kept_.samples) {
                kept_ = Image::interleaved(info.type, info.shape.C,
                                           std::min(blocks_.height, info.shape.H), info.shape.W);
            }
            kept_row_ = -1;
            decode_block_rows(block_row, block_row + 1, {kept_, first});
            kept_row_ = block_row;
        }
        for (std::int64_t y = rows.first; y < rows.first + rows.count; ++y) {
            copy_row({kept_, first}, window, y);
        }
        return rows.first + rows.count;
    }

    /// Decodes the rows of blocks [first, end) into a window that holds their rows.
    void decode_block_rows(std::int64_t first, std::int64_t end, const RowWindow& window) {
        const std::int64_t each = blocks_.across * blocks_.planes, count = (end - first) * each;
        const std::int64_t group = std::clamp<std::int64_t>(kGroupBytes / blocks_.bytes, 1, count);
        const auto body = [&](std::int64_t index, int number) {
            Worker& worker = ready(workers_[static_cast<std::size_t>(number)]);
            for (std::int64_t i = index * group; i < std::min((index + 1) * group, count); ++i) {
                decode_block(worker, first + i / each, i % each, window);
            }
        };
        parallel_for(ceil_div(count, group), static_cast<int>(workers_.size()), body);
        const std::int64_t top = first * blocks_.height;
        const std::int64_t bottom = std::min(end * blocks_.height, source_.page.height);
        ready(workers_[0]).placer->finish_rows(window, top, bottom - top);
    }

    Worker& ready(Worker& worker) {
        if (!worker.tiff) {
            worker.tiff.emplace(source_.bytes, source_.offset);
            read_colour_mode(worker.tiff->get(), source_.page);
            worker.placer.emplace(worker.tiff->get(), source_.page, source_.bytes.name());
            worker.block.resize(static_cast<std::size_t>(blocks_.bytes));
        }
        return worker;
    }

    void decode_block(Worker& worker, std::int64_t row, std::int64_t within,
                      const RowWindow& window) {
        const std::int64_t plane = within / blocks_.across, column = within % blocks_.across;
        const std::int64_t y = row * blocks_.height, x = column * blocks_.width;
        const std::int64_t rows = std::min(blocks_.height, source_.page.height - y);
        const std::int64_t columns = std::min(blocks_.width, source_.page.width - x);
        read_block(worker, blocks_.index(plane, row, column), rows * blocks_.row_bytes);
        for (std::int64_t i = 0; i < rows; ++i) {
            worker.placer->place(worker.block.data() + i * blocks_.row_bytes,
                                 {y + i, x, columns, plane}, window);
        }
    }

    void read_block(Worker& worker, std::int64_t index, std::int64_t needed) {
        const auto number = static_cast<std::uint32_t>(index);
        const bool tiled = source_.page.is_tiled;
        const auto size = static_cast<tmsize_t>(tiled ? blocks_.bytes : needed);
        TIFF* tiff = worker.tiff->get();
        const tmsize_t got = tiled ? TIFFReadEncodedTile(tiff, number, worker.block.data(), size)
                                   : TIFFReadEncodedStrip(tiff, number, worker.block.data(), size);
        if (got < needed) refuse_damaged_tiff(source_.bytes.name());
    }

    TiffPageSource source_;
    TiffBlocks blocks_;
    std::vector<Worker> workers_;
    std::int64_t stored_bytes_ = 0, kept_row_ = -1;
    Image kept_;
};

}  // namespace

std::unique_ptr<RowDecoder> block_row_decoder(const TiffPageSource& source) {
    return std::make_unique<BlockRowDecoder>(source);
}

}  // namespace conv
