#include "files/formats/png/png_writer.hpp"

#include <bit>

#include "files/exif.hpp"
#include "files/formats/png/png_metadata.hpp"
#include "files/formats/png/strip_encoder.hpp"
#include "files/pixel_rows.hpp"

namespace conv {
namespace {

std::vector<std::uint8_t> header_chunk(const PictureInfo& picture) {
    constexpr std::uint8_t kColourTypes[] = {kPngGrey, kPngGreyAlpha, kPngRgb, kPngRgbAlpha};
    std::vector<std::uint8_t> data;
    for (const std::int64_t side : {picture.shape.W, picture.shape.H}) {
        for (int shift = 24; shift >= 0; shift -= 8)
            data.push_back(static_cast<std::uint8_t>(side >> shift));
    }
    data.push_back(static_cast<std::uint8_t>(8 * sample_bytes(picture.type)));
    data.push_back(kColourTypes[picture.shape.C - 1]);
    data.insert(data.end(), 3, 0);  // deflate, the five filters, not interlaced
    return png_chunk("IHDR", data);
}

class PngRowWriter final : public RowWriter {
public:
    PngRowWriter(const PageHeader& header, const WriteOptions& options, ByteSink& sink)
        : header_(header),
          sink_(sink),
          encoder_(header_.picture, options.png_compression, options.threads, sink) {
        sink.write("\x89PNG\r\n\x1a\n");
        sink.write(header_chunk(header_.picture));
        sink.write(png_metadata_chunks(header_.metadata, header_.picture));
    }

    std::int64_t memory_bytes() const override { return encoder_.memory_bytes(); }

    void write(RowRange rows, const Image& band) override {
        for (std::int64_t y = 0; y < rows.count; ++y) {
            std::uint8_t* row = encoder_.next_row();
            copy_row(band, y, row);
            if (band.type == SampleType::u16 && std::endian::native == std::endian::little)
                swap_bytes_16(row, static_cast<std::int64_t>(encoder_.row_bytes() / 2));
            encoder_.row_done();
        }
    }

    void finish() override {
        sink_.write(png_late_chunks(header_.metadata, header_.picture));
        sink_.write(png_chunk("IEND", {}));
    }

private:
    PageHeader header_;
    ByteSink& sink_;
    PngStripEncoder encoder_;
};

class PngFileWriter final : public RowFileWriter {
public:
    PngFileWriter(const WriteOptions& options, ByteSink& sink) : options_(options), sink_(sink) {}

    std::unique_ptr<RowWriter> add_page(const PageHeader& header) override {
        constexpr MetadataHolds kHolds = {.icc_profile = true,
                                          .exif = true,
                                          .xmp = true,
                                          .iptc = true,
                                          .comments = true,
                                          .texts = true,
                                          .colour = true};
        note_not_carried(header.metadata, "PNG", kHolds, notes_);
        late_ = header.metadata.late;
        return std::make_unique<PngRowWriter>(header, options_, sink_);
    }
    void finish() override {
        if (!late_) return;
        notes_.insert(notes_.end(), late_->losses.begin(), late_->losses.end());
        std::vector<std::uint8_t> exif = late_->exif;
        const int orientation = reset_exif_orientation(exif);
        if (orientation > 1) {
            notes_.push_back(fmt::format(
                "EXIF orientation {} came after the samples of a pipe: kept as a tag, not applied",
                orientation));
        }
    }
    const std::vector<std::string>& notes() const override { return notes_; }

private:
    WriteOptions options_;
    ByteSink& sink_;
    std::vector<std::string> notes_;
    std::shared_ptr<Metadata> late_;
};

}  // namespace

std::unique_ptr<RowFileWriter> create_png(const ImageDocument&, std::int64_t,
                                          const WriteOptions& options, ByteSink& sink) {
    return std::make_unique<PngFileWriter>(options, sink);
}

}  // namespace conv
