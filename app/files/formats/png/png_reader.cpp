#include "files/formats/png/png_reader.hpp"

#include <utility>

#include "base/size.hpp"
#include "files/file_format.hpp"
#include "files/formats/png/png_decoder.hpp"
#include "files/pixel_rows.hpp"

namespace conv {
namespace {

constexpr std::int64_t kBestDeflateRatio = 1100;
/// libpng's and zlib's own, besides rows.
constexpr std::int64_t kDecoderBytes = 512 << 10;
constexpr std::int64_t kDecoderRows = 4;

PictureInfo info_of(const PngContents& contents) {
    const PngHeader& header = contents.header;
    PictureInfo info;
    info.type = header.depth == 16 ? SampleType::u16 : SampleType::u8;
    info.shape = {1, contents.channels(), header.height, header.width};
    info.has_alpha = contents.has_alpha();
    return info;
}

std::vector<std::string> notes_of(const PngContents& contents) {
    const PngHeader& header = contents.header;
    std::vector<std::string> notes;
    if (header.colour_type == kPngPalette)
        notes.emplace_back("palette expanded to RGB");
    else if (header.depth < 8)
        notes.push_back(fmt::format("{}-bit grey scaled to 8 bits", header.depth));
    const bool grey = header.colour_type == kPngGrey || header.colour_type == kPngGreyAlpha;
    if (grey && contents.has_alpha()) notes.emplace_back("grey with alpha expanded to RGBA");
    return notes;
}

class PngRows final : public RowReader {
public:
    PngRows(ByteSource& source, PngChunks& chunks, const ChunkHead& samples,
            std::shared_ptr<Metadata> late)
        : info_(info_of(chunks.contents())),
          interlaced_(chunks.contents().header.interlaced),
          row_bytes_(info_.shape.W * info_.shape.C *
                     static_cast<std::int64_t>(sample_bytes(info_.type))),
          decoder_(source, chunks, samples),
          chunks_(chunks),
          late_(std::move(late)) {}

    const PictureInfo& info() const override { return info_; }
    std::int64_t memory_bytes() const override {
        return kDecoderBytes + row_bytes_ * (interlaced_ ? info_.shape.H : kDecoderRows);
    }
    void read(RowRange rows, const Image& band) override;
    void finish() override {
        decoder_.finish();
        if (late_) *late_ = std::move(chunks_.contents().metadata);
    }

private:
    const std::uint8_t* interlaced_row(std::int64_t y);

    PictureInfo info_;
    bool interlaced_;
    std::int64_t row_bytes_;
    PngDecoder decoder_;
    PngChunks& chunks_;
    std::shared_ptr<Metadata> late_;
    std::vector<std::uint8_t> row_;
    Image whole_;  ///< of an interlaced picture
};

const std::uint8_t* PngRows::interlaced_row(std::int64_t y) {
    if (!whole_.samples) {
        const auto [N, C, H, W] = info_.shape;
        whole_ = Image::interleaved(info_.type, C, H, W, info_.has_alpha);
        decoder_.read_all(whole_.data<std::uint8_t>(), row_bytes_, H);
    }
    return whole_.data<std::uint8_t>() + y * row_bytes_;
}

void PngRows::read(RowRange rows, const Image& band) {
    const bool direct = has_interleaved_rows(band) && !interlaced_;
    if (!direct) row_.resize(static_cast<std::size_t>(row_bytes_));
    const std::int64_t step = band.strides.H * static_cast<std::int64_t>(sample_bytes(band.type));
    for (std::int64_t y = 0; y < rows.count; ++y) {
        if (direct) {
            decoder_.read_row(band.data<std::uint8_t>() + y * step);
        } else if (interlaced_) {
            paste_row(interlaced_row(rows.first + y), band, y);
        } else {
            decoder_.read_row(row_.data());
            paste_row(row_.data(), band, y);
        }
    }
}

class PngFileReader final : public RowFileReader {
public:
    PngFileReader(std::unique_ptr<ByteSource> source, const ReadOptions& options)
        : source_(std::move(source)), chunks_(*source_), samples_(chunks_.find_samples()) {
        const PngContents& contents = chunks_.contents();
        check(options);
        document_.format = "png";
        document_.notes = notes_of(contents);
        metadata_ = std::exchange(chunks_.contents().metadata, {});
        if (!source_->can_seek()) metadata_.late = std::make_shared<Metadata>();
    }

    const ImageDocument& document() const override { return document_; }
    std::int64_t page_count() const override { return 1; }
    PageHeader header(std::int64_t) override { return {info_of(chunks_.contents()), metadata_}; }
    std::unique_ptr<RowReader> rows(std::int64_t) override {
        return std::make_unique<PngRows>(*source_, chunks_, samples_, metadata_.late);
    }

private:
    void check(const ReadOptions& options) const;

    std::unique_ptr<ByteSource> source_;
    PngChunks chunks_;
    ChunkHead samples_;
    Metadata metadata_;
    ImageDocument document_;
};

void PngFileReader::check(const ReadOptions& options) const {
    const PngContents& contents = chunks_.contents();
    const PngHeader& header = contents.header;
    if (contents.frames > 1) {
        fail(ErrorKind::unsupported,
             "{}: is an animated PNG of {} frames, which is not read: extract one first",
             source_->name(), contents.frames);
    }
    if (header.colour_type == kPngPalette && contents.palette.empty())
        refuse_png(source_->name(), "it has no palette");
    const std::int64_t packed =
        checked_product({header.stored_row_bytes(), header.height}, source_->name());
    check_plausible(*source_, packed, kBestDeflateRatio);
    if (!header.interlaced) return;
    check_declared_size(
        source_->name(), options,
        {header.width, header.height, contents.channels(), header.depth == 16 ? 2 : 1});
}

}  // namespace

std::unique_ptr<RowFileReader> open_png(std::unique_ptr<ByteSource> source,
                                        const ReadOptions& options) {
    return std::make_unique<PngFileReader>(std::move(source), options);
}

}  // namespace conv
