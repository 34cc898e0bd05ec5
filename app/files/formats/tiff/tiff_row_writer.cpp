#include "files/formats/tiff/tiff_row_writer.hpp"

#include <tiffio.h>

#include <algorithm>
#include <cstring>

#include "base/error.hpp"
#include "base/parallel.hpp"
#include "base/size.hpp"
#include "files/formats/tiff/tiff_samples.hpp"
#include "files/pixel_rows.hpp"

namespace conv {
namespace {

/// Rows that are encoded together: enough strips for the threads, at least one row of tiles.
constexpr std::int64_t kBatchBytes = std::int64_t{1} << 20;

std::int64_t batch_rows_of(const TiffLayout& layout, std::int64_t row_bytes, std::int64_t height) {
    const std::int64_t blocks =
        std::max<std::int64_t>(kBatchBytes / (row_bytes * layout.block_height), 1);
    return std::min(blocks * layout.block_height, round_up(height, layout.block_height));
}

}  // namespace

TiffRowWriter::TiffRowWriter(const PictureInfo& picture, const TiffLayout& layout, int threads,
                             ByteSink& sink, TiffBlockTable& table)
    : picture_(picture),
      layout_(layout),
      threads_(resolve_threads(threads)),
      sink_(sink),
      table_(table),
      row_bytes_(picture_bytes(picture.type, picture.shape) / picture.shape.H),
      batch_rows_(batch_rows_of(layout, row_bytes_, picture.shape.H)),
      range_{0, picture.shape.H},
      rows_(static_cast<std::size_t>(std::min(batch_rows_, picture.shape.H) * row_bytes_)) {}

std::int64_t TiffRowWriter::memory_bytes() const {
    constexpr std::int64_t kCodecBytes = 1 << 20;
    const std::int64_t blocks = layout_.planes * layout_.down * layout_.across;
    const std::int64_t batch = batch_rows_ * row_bytes_;
    // What is encoded may be a little larger than what it came from.
    return batch * 5 / 2 + threads_ * (2 * layout_.block_bytes(picture_) + kCodecBytes) +
           blocks * 16;
}

void TiffRowWriter::write(RowRange rows, const Image& band) {
    if (rows.first != batch_first_ + held_) {
        flush();
        batch_first_ = rows.first;
    }
    for (std::int64_t i = 0; i < rows.count; ++i) {
        copy_row(band, i, rows_.data() + held_ * row_bytes_);
        ++held_;
        const bool last = batch_first_ + held_ == picture_.shape.H;
        if (held_ == batch_rows_ || last) flush();
    }
}

void TiffRowWriter::restrict_to(RowRange rows) {
    range_ = rows;
    next_row_ = rows.first / layout_.block_height;
}

void TiffRowWriter::finish() {
    flush();
    if (patch_) copy_block_rows(ceil_div(range_.first + range_.count, layout_.block_height));
}

std::int64_t TiffRowWriter::number_of(std::int64_t row, std::int64_t within) const {
    const std::int64_t plane = within / layout_.across;
    return (plane * layout_.down + row) * layout_.across + within % layout_.across;
}

/// Whether a block holds nothing of what changed.
bool TiffRowWriter::is_copied(std::int64_t row, std::int64_t within) const {
    if (!patch_) return false;
    const PagePatch& changed = patch_->changed;
    const std::int64_t x = within % layout_.across * layout_.block_width;
    const std::int64_t y = row * layout_.block_height;
    return x >= changed.x + changed.width || x + layout_.block_width <= changed.x ||
           y >= changed.y + changed.height || y + layout_.block_height <= changed.y;
}

void TiffRowWriter::append(std::int64_t row, std::int64_t within,
                           const std::vector<std::uint8_t>& bytes) {
    const auto number = static_cast<std::size_t>(number_of(row, within));
    table_.offsets[number] = static_cast<std::uint64_t>(sink_.position());
    table_.sizes[number] = bytes.size();
    sink_.write(bytes);
}

/// Copies the rows of blocks before `end` that are not written yet.
void TiffRowWriter::copy_block_rows(std::int64_t end) {
    for (; next_row_ < end; ++next_row_) {
        for (std::int64_t i = 0; i < layout_.planes * layout_.across; ++i)
            append(next_row_, i, patch_->page->block(number_of(next_row_, i)));
    }
}

void TiffRowWriter::flush() {
    if (held_ == 0) return;
    const std::int64_t end = batch_first_ + held_;
    if (batch_first_ % layout_.block_height != 0 ||
        (end % layout_.block_height != 0 && end != picture_.shape.H)) {
        fail(ErrorKind::internal, "rows {} to {} of a TIFF page are no whole strips or tiles",
             batch_first_, end);
    }
    const std::int64_t each = layout_.planes * layout_.across;
    const std::int64_t first = batch_first_ / layout_.block_height;
    const std::int64_t count = ceil_div(held_, layout_.block_height) * each;
    std::vector<std::vector<std::uint8_t>> encoded(static_cast<std::size_t>(count));
    parallel_for(count, threads_, [&](std::int64_t i, int) {
        std::vector<std::uint8_t>& bytes = encoded[static_cast<std::size_t>(i)];
        if (is_copied(first + i / each, i % each)) {
            bytes = patch_->page->block(number_of(first + i / each, i % each));
            return;
        }
        TiffBlock block = block_at(i / each, i % each);
        bytes = encode_tiff_block(block, layout_);
    });
    if (patch_) copy_block_rows(first);
    for (std::int64_t i = 0; i < count; ++i)
        append(first + i / each, i % each, encoded[static_cast<std::size_t>(i)]);
    next_row_ = first + count / each;
    batch_first_ += held_;
    held_ = 0;
}

TiffBlock TiffRowWriter::block_at(std::int64_t row, std::int64_t within) const {
    const std::int64_t plane = within / layout_.across, column = within % layout_.across;
    const std::int64_t x = column * layout_.block_width, y = row * layout_.block_height;
    const std::int64_t rows = std::min(layout_.block_height, held_ - y);
    const std::int64_t columns = std::min(layout_.block_width, picture_.shape.W - x);
    const std::int64_t out_bytes = layout_.row_bytes(picture_);
    TiffBlock block;
    block.width = layout_.block_width;
    block.height = layout_.tiled ? layout_.block_height : rows;
    block.channels = layout_.separate_planes ? 1 : picture_.shape.C;
    block.is_float = picture_.type == SampleType::f32;
    block.samples.resize(static_cast<std::size_t>(block.height * out_bytes));
    for (std::int64_t i = 0; i < rows; ++i) {
        fill_row(rows_.data() + (y + i) * row_bytes_, x, plane,
                 block.samples.data() + i * out_bytes, columns);
    }
    return block;
}

void TiffRowWriter::fill_row(const std::uint8_t* row, std::int64_t first, std::int64_t plane,
                             std::uint8_t* out, std::int64_t columns) const {
    const auto bytes = static_cast<std::int64_t>(sample_bytes(picture_.type));
    const std::int64_t channels = picture_.shape.C;
    const std::uint8_t* from = row + (first * channels + plane) * bytes;
    std::vector<std::uint8_t> chosen;
    std::int64_t samples = columns * channels;
    if (layout_.separate_planes) {
        samples = columns;
        chosen.resize(static_cast<std::size_t>(samples * bytes));
        for (std::int64_t x = 0; x < columns; ++x) {
            std::memcpy(chosen.data() + x * bytes, from + x * channels * bytes,
                        static_cast<std::size_t>(bytes));
        }
        from = chosen.data();
    }
    if (layout_.bits % 8 != 0) {
        pack_samples(reinterpret_cast<const std::uint16_t*>(from), samples, layout_.bits, out);
    } else {
        std::memcpy(out, from, static_cast<std::size_t>(samples * bytes));
    }
}

}  // namespace conv
