#include "files/formats/jpeg/jpeg_reader.hpp"

#include "base/size.hpp"
#include "files/file_format.hpp"
#include "files/formats/jpeg/jpeg_decoder.hpp"
#include "files/formats/jpeg/jpeg_errors.hpp"
#include "files/pixel_rows.hpp"

namespace conv {
namespace {

/// A blank progressive JPEG spends one bit on each block of 8 x 8 samples; the rest is margin.
constexpr std::int64_t kBestRatio = 2000;
/// libjpeg's tables and buffers, and some rows of blocks with their neighbours.
constexpr std::int64_t kDecoderBytes = 512 << 10, kDecoderRows = 64;

PictureInfo info_of(const JpegHeader& header) {
    PictureInfo info;
    info.type = SampleType::u8;
    info.shape = {1, header.channels, header.height, header.width};
    return info;
}

class JpegRows final : public RowReader {
public:
    explicit JpegRows(JpegDecoder& decoder) : info_(info_of(decoder.header())), decoder_(decoder) {}

    const PictureInfo& info() const override { return info_; }
    std::int64_t memory_bytes() const override {
        const std::int64_t row = info_.shape.W * info_.shape.C;
        const bool whole = decoder_.header().several_scans;
        return kDecoderBytes + row * kDecoderRows +
               (whole ? row * info_.shape.H * kJpegCoefficientBytes : 0);
    }
    void read(RowRange rows, const Image& band) override;
    void finish() override { decoder_.finish(); }

private:
    PictureInfo info_;
    JpegDecoder& decoder_;
    std::vector<std::uint8_t> row_;
};

void JpegRows::read(RowRange rows, const Image& band) {
    const bool direct = has_interleaved_rows(band);
    if (!direct) row_.resize(static_cast<std::size_t>(info_.shape.W * info_.shape.C));
    for (std::int64_t y = 0; y < rows.count; ++y) {
        decoder_.read_row(direct ? band.data<std::uint8_t>() + y * band.strides.H : row_.data());
        if (!direct) paste_row(row_.data(), band, y);
    }
}

class JpegFileReader final : public RowFileReader {
public:
    JpegFileReader(std::unique_ptr<ByteSource> source, const ReadOptions& options)
        : source_(std::move(source)), decoder_(*source_) {
        const JpegHeader& header = decoder_.header();
        check_plausible(*source_, header.width * header.height, kBestRatio);
        if (header.several_scans) {
            check_declared_size(source_->name(), options,
                                {header.width, header.height, header.channels});
        }
        metadata_ = metadata_of_segments(header.segments);
        metadata_.coding.jpeg = header.coding;
        document_.format = "jpeg";
    }

    const ImageDocument& document() const override { return document_; }
    std::int64_t page_count() const override { return 1; }
    PageHeader header(std::int64_t) override { return {info_of(decoder_.header()), metadata_}; }
    std::unique_ptr<RowReader> rows(std::int64_t) override {
        return std::make_unique<JpegRows>(decoder_);
    }

private:
    std::unique_ptr<ByteSource> source_;
    JpegDecoder decoder_;
    Metadata metadata_;
    ImageDocument document_;
};

}  // namespace

std::unique_ptr<RowFileReader> open_jpeg(std::unique_ptr<ByteSource> source,
                                         const ReadOptions& options) {
    return std::make_unique<JpegFileReader>(std::move(source), options);
}

}  // namespace conv
