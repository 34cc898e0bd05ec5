#include "files/formats/png/strip_encoder.hpp"

#include <zlib.h>

#include <algorithm>
#include <memory>

#include "base/parallel.hpp"
#include "base/size.hpp"
#include "files/formats/png/row_filter.hpp"
#include "files/formats/png/run_deflate.hpp"

namespace conv {
namespace {

/// Filtered bytes of a strip: enough for the end of its stream (5 bytes) and its own code tables
/// to cost nothing, little enough to stay in a core's cache.
constexpr std::int64_t kStripBytes = 256 << 10;
constexpr std::size_t kWindow = 32 << 10;  ///< that deflate may refer back to
constexpr int kLastRunLevel = 4;
/// Drawings and text, which runs alone shrink this much, repeat themselves in other ways too: there
/// zlib's search finds a lot and is quick.
constexpr std::size_t kFlatRatio = 4;
constexpr int kFlatLevel = 4;
constexpr std::size_t kChunkHead = 8;

void put_big(std::uint8_t* out, std::size_t value) {
    for (int i = 0; i < 4; ++i) out[i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

/// Fills in a chunk's length and adds its checksum.
void close_chunk(std::vector<std::uint8_t>& chunk) {
    put_big(chunk.data(), chunk.size() - kChunkHead);
    const uLong sum = crc32_z(0, chunk.data() + 4, chunk.size() - 4);
    chunk.resize(chunk.size() + 4);
    put_big(chunk.data() + chunk.size() - 4, sum);
}

/// Deflates `bytes` after a window that they may refer to, up to a byte or to the stream's end.
void deflate_with_zlib(ByteView window, ByteView bytes, int level, bool is_last,
                       std::vector<std::uint8_t>& out) {
    z_stream stream = {};
    constexpr int kRawWindowBits = -15, kMemoryLevel = 9;
    const int strategy = level == 0 ? Z_DEFAULT_STRATEGY : Z_FILTERED;
    if (deflateInit2(&stream, level, Z_DEFLATED, kRawWindowBits, kMemoryLevel, strategy) != Z_OK)
        fail(ErrorKind::memory, "not enough memory to encode a PNG");
    const std::unique_ptr<z_stream, int (*)(z_stream*)> ending(&stream, deflateEnd);
    if (!window.empty())
        deflateSetDictionary(&stream, window.data(), static_cast<uInt>(window.size()));
    const std::size_t begin = out.size();
    out.resize(begin + deflateBound(&stream, bytes.size()) + 16);
    stream.next_in = const_cast<Bytef*>(bytes.data());
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = out.data() + begin;
    stream.avail_out = static_cast<uInt>(out.size() - begin);
    deflate(&stream, is_last ? Z_FINISH : Z_SYNC_FLUSH);
    out.resize(begin + stream.total_out);
}

}  // namespace

PngStripEncoder::PngStripEncoder(const PictureInfo& picture, int level, int threads, ByteSink& sink)
    : sink_(sink),
      level_(level),
      threads_(resolve_threads(threads)),
      height_(picture.shape.H),
      pixel_bytes_(static_cast<std::size_t>(picture.shape.C) * sample_bytes(picture.type)) {
    row_bytes_ = static_cast<std::size_t>(picture.shape.W) * pixel_bytes_;
    strip_rows_ =
        std::max<std::int64_t>(1, kStripBytes / static_cast<std::int64_t>(row_bytes_ + 1));
    constexpr std::int64_t kStripsOfThread = 2;  // to even out threads of uneven speed
    group_strips_ =
        std::min<std::int64_t>(kStripsOfThread * threads_, ceil_div(height_, strip_rows_));
    const auto group_rows = static_cast<std::size_t>(strip_rows_ * group_strips_);
    rows_.resize((group_rows + 1) * row_bytes_);
    filtered_.resize(kWindow + group_rows * (row_bytes_ + 1));
    chunks_.resize(static_cast<std::size_t>(group_strips_));
    sums_.resize(chunks_.size());
}

std::uint8_t* PngStripEncoder::next_row() {
    return rows_.data() + static_cast<std::size_t>(pending_ + 1) * row_bytes_;
}

void PngStripEncoder::row_done() {
    ++pending_;
    if (pending_ == strip_rows_ * group_strips_ || encoded_ + pending_ == height_) encode_group();
}

std::int64_t PngStripEncoder::memory_bytes() const {
    return static_cast<std::int64_t>(rows_.size() + 3 * filtered_.size());
}

std::int64_t PngStripEncoder::rows_in(std::int64_t strip) const {
    return std::min(strip_rows_, pending_ - strip * strip_rows_);
}

void PngStripEncoder::filter(std::int64_t strip) {
    PngRowFilter best(row_bytes_, pixel_bytes_);
    const std::int64_t first = strip * strip_rows_;
    const std::uint8_t* above = rows_.data() + static_cast<std::size_t>(first) * row_bytes_;
    std::uint8_t* out =
        filtered_.data() + kWindow + static_cast<std::size_t>(first) * (row_bytes_ + 1);
    for (std::int64_t y = 0; y < rows_in(strip); ++y, above += row_bytes_, out += row_bytes_ + 1) {
        if (level_ > 0) {
            best.best(above + row_bytes_, above, out);
        } else {
            out[0] = 0;
            std::copy_n(above + row_bytes_, row_bytes_, out + 1);
        }
    }
}

void PngStripEncoder::deflate(ByteView window, ByteView bytes, bool is_last,
                              std::vector<std::uint8_t>& out) const {
    if (level_ == 0 || level_ > kLastRunLevel)
        return deflate_with_zlib(window, bytes, level_, is_last, out);
    const std::size_t begin = out.size();
    deflate_runs(bytes, is_last, out);
    if ((out.size() - begin) * kFlatRatio > bytes.size()) return;
    std::vector<std::uint8_t> searched;
    deflate_with_zlib(window, bytes, kFlatLevel, is_last, searched);
    if (searched.size() >= out.size() - begin) return;
    out.resize(begin);
    out.insert(out.end(), searched.begin(), searched.end());
}

void PngStripEncoder::compress(std::int64_t strip) {
    const std::size_t begin =
        kWindow + static_cast<std::size_t>(strip * strip_rows_) * (row_bytes_ + 1);
    const ByteView bytes(filtered_.data() + begin,
                         static_cast<std::size_t>(rows_in(strip)) * (row_bytes_ + 1));
    const std::int64_t end_row = encoded_ + strip * strip_rows_ + rows_in(strip);
    const bool is_first = encoded_ == 0 && strip == 0, is_last = end_row == height_;
    std::vector<std::uint8_t>& chunk = chunks_[static_cast<std::size_t>(strip)];
    chunk.assign({0, 0, 0, 0, 'I', 'D', 'A', 'T'});
    // zlib's header: a window of 32 KiB, how hard was tried, and a check of these 16 bits.
    if (is_first)
        chunk.insert(chunk.end(), {0x78, std::uint8_t(level_ > 6               ? 0xda
                                                      : level_ > kLastRunLevel ? 0x9c
                                                                               : 0x01)});
    const std::size_t window = std::min(kWindow, window_ + (begin - kWindow));
    deflate({bytes.data() - window, window}, bytes, is_last, chunk);
    sums_[static_cast<std::size_t>(strip)] =
        static_cast<std::uint32_t>(adler32_z(1, bytes.data(), bytes.size()));
    if (!is_last) close_chunk(chunk);
}

void PngStripEncoder::close_stream(std::vector<std::uint8_t>& chunk) {
    chunk.resize(chunk.size() + 4);
    put_big(chunk.data() + chunk.size() - 4, sum_);
    close_chunk(chunk);
}

void PngStripEncoder::encode_group() {
    const std::int64_t strips = ceil_div(pending_, strip_rows_);
    parallel_for(strips, threads_, [&](std::int64_t strip, int) { filter(strip); });
    parallel_for(strips, threads_, [&](std::int64_t strip, int) { compress(strip); });
    for (std::int64_t strip = 0; strip < strips; ++strip) {
        const auto i = static_cast<std::size_t>(strip);
        const auto bytes =
            static_cast<z_off_t>(rows_in(strip)) * static_cast<z_off_t>(row_bytes_ + 1);
        sum_ = static_cast<std::uint32_t>(adler32_combine(sum_, sums_[i], bytes));
        const bool is_last = strip + 1 == strips && encoded_ + pending_ == height_;
        if (is_last) close_stream(chunks_[i]);
        sink_.write(chunks_[i]);
    }
    const std::size_t end = kWindow + static_cast<std::size_t>(pending_) * (row_bytes_ + 1);
    window_ = std::min(kWindow, window_ + end - kWindow);
    std::copy_n(filtered_.begin() + static_cast<std::ptrdiff_t>(end - window_), window_,
                filtered_.begin() + static_cast<std::ptrdiff_t>(kWindow - window_));
    std::copy_n(rows_.begin() +
                    static_cast<std::ptrdiff_t>(static_cast<std::size_t>(pending_) * row_bytes_),
                row_bytes_, rows_.begin());
    encoded_ += pending_;
    pending_ = 0;
}

}  // namespace conv
