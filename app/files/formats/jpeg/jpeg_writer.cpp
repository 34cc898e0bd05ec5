#include "files/formats/jpeg/jpeg_writer.hpp"

#include "files/formats/jpeg/jpeg_encoder.hpp"
#include "files/formats/jpeg/jpeg_errors.hpp"
#include "files/pixel_rows.hpp"

namespace conv {
namespace {

constexpr std::int64_t kEncoderBytes = 512 << 10, kEncoderRows = 64;

class JpegRowWriter final : public RowWriter {
public:
    JpegRowWriter(const PageHeader& header, const WriteOptions& options, ByteSink& sink)
        : shape_(header.picture.shape),
          encoder_(header, options, sink),
          row_(static_cast<std::size_t>(shape_.W * shape_.C)) {}

    JpegEncoder& encoder() { return encoder_; }

    std::int64_t memory_bytes() const override {
        const std::int64_t row = shape_.W * shape_.C;
        return kEncoderBytes + row * kEncoderRows +
               (encoder_.keeps_picture() ? row * shape_.H * kJpegCoefficientBytes : 0);
    }
    void write(RowRange rows, const Image& band) override {
        const bool direct = has_interleaved_rows(band);
        for (std::int64_t y = 0; y < rows.count; ++y) {
            if (!direct) copy_row(band, y, row_.data());
            encoder_.write_row(direct ? band.data<const std::uint8_t>() + y * band.strides.H
                                      : row_.data());
        }
    }
    void finish() override { encoder_.finish(); }

private:
    Shape shape_;
    JpegEncoder encoder_;
    std::vector<std::uint8_t> row_;
};

class JpegFileWriter final : public RowFileWriter {
public:
    JpegFileWriter(const WriteOptions& options, ByteSink& sink) : options_(options), sink_(sink) {}

    std::unique_ptr<RowWriter> add_page(const PageHeader& header) override {
        constexpr MetadataHolds kHolds = {
            .icc_profile = true, .exif = true, .xmp = true, .iptc = true, .comments = true};
        note_not_carried(header.metadata, "JPEG", kHolds, notes_);
        metadata_.late = header.metadata.late;
        auto rows = std::make_unique<JpegRowWriter>(header, options_, sink_);
        const auto [N, C, H, W] = header.picture.shape;
        for (const JpegSegment& segment : segments_of_metadata(header.metadata, W, H, notes_))
            rows->encoder().write_segment(segment);
        return rows;
    }
    void finish() override { note_late(metadata_, "JPEG", notes_); }
    const std::vector<std::string>& notes() const override { return notes_; }

private:
    WriteOptions options_;
    ByteSink& sink_;
    std::vector<std::string> notes_;
    Metadata metadata_;  ///< what is yet to come of it
};

}  // namespace

std::unique_ptr<RowFileWriter> create_jpeg(const ImageDocument&, std::int64_t,
                                           const WriteOptions& options, ByteSink& sink) {
    return std::make_unique<JpegFileWriter>(options, sink);
}

}  // namespace conv
