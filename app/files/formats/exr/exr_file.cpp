#include "files/formats/exr/exr_file.hpp"

#include <Imath/half.h>
#include <OpenEXR/ImfChannelList.h>
#include <OpenEXR/ImfFrameBuffer.h>
#include <OpenEXR/ImfInputFile.h>
#include <OpenEXR/ImfOutputFile.h>

#include <cmath>
#include <utility>

#include "base/error.hpp"
#include "base/size.hpp"
#include "files/formats/exr/exr_coding.hpp"
#include "files/formats/exr/exr_header.hpp"
#include "files/formats/exr/exr_streams.hpp"
#include "files/pixel_rows.hpp"

namespace conv {
namespace {

namespace Imf = OPENEXR_IMF_NAMESPACE;

constexpr std::string_view kMagic("\x76\x2f\x31\x01", 4);
constexpr std::int64_t kBlockRows = 256;  // the most that any compression packs together

bool is_exr(ByteView head) {
    return starts_with(head, kMagic);
}

/// Calls an action of OpenEXR; its exceptions become errors of this program.
template <typename Action>
auto guarded(const std::string& name, Action action) {
    try {
        return action();
    } catch (const Error&) {
        throw;
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception& error) {
        // OpenEXR repeats the file's name first.
        std::string said = error.what();
        if (const std::size_t end = said.find("\". "); end != said.npos) said.erase(0, end + 3);
        fail(ErrorKind::input, "{}: the EXR is damaged: {}", name, display_name(said));
    }
}

void refuse_parts(const ByteSource& source) {
    constexpr unsigned kDeepOrParts = 0x1800;
    const std::string& name = source.name();
    if ((ByteReader(source.head(), name).little(4, 4) & kDeepOrParts) == 0) return;
    fail(ErrorKind::unsupported, "{}: EXR files of several parts or deep samples are not read",
         name);
}

class ExrFileReader final : public RowFileReader {
public:
    explicit ExrFileReader(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {
        refuse_parts(*source_);
        if (!source_->can_seek()) {
            document_.notes.emplace_back(
                "held in an unnamed temporary file: EXR is not read in order");
        }
        source_->spool();
        stream_ = std::make_unique<ExrInput>(*source_);
        guarded(source_->name(), [&] { open(); });
    }

    const ImageDocument& document() const override { return document_; }
    std::int64_t page_count() const override { return 1; }
    PageHeader header(std::int64_t) override { return {info_, document_.metadata}; }
    std::unique_ptr<RowReader> rows(std::int64_t) override;

private:
    class Rows;

    void open() {
        file_ = std::make_unique<Imf::InputFile>(*stream_);
        const Imf::Header& header = file_->header();
        channels_ = exr_channels(header, source_->name());
        const auto& window = header.dataWindow();
        info_ = {SampleType::f32,
                 {1, static_cast<std::int64_t>(channels_.size()),
                  std::int64_t{window.max.y} - window.min.y + 1,
                  std::int64_t{window.max.x} - window.min.x + 1}};
        check_plausible_size();
        if (!file_->isComplete()) {
            fail(ErrorKind::input, "{}: the EXR is truncated", source_->name());
        }
        document_.format = "exr";
        document_.metadata = exr_metadata(header, channels_);
        if (exr_coding(document_.metadata)->half) {
            document_.notes.emplace_back("half samples computed as float32");
        }
    }

    /// Constant blocks of 4 x 4 samples in 3 bytes, deflated on top: nothing packs a float better.
    void check_plausible_size() const {
        const auto [N, C, H, W] = info_.shape;
        constexpr std::int64_t kBestRatio = 20'000;
        if (checked_product({H, W, C, 2}, source_->name()) / kBestRatio <= *source_->size()) return;
        fail(ErrorKind::input, "{}: claims {} x {} pixels in a file of {}, it is damaged",
             source_->name(), W, H, format_bytes(*source_->size()));
    }

    std::unique_ptr<ByteSource> source_;
    std::unique_ptr<ExrInput> stream_;
    std::unique_ptr<Imf::InputFile> file_;
    std::vector<std::string> channels_;
    PictureInfo info_;
    ImageDocument document_;
};

/// OpenEXR reads and writes through the address of the window's origin, which lies outside the
/// memory; it is computed as a number.
char* origin_of(const Image& band, std::int64_t channel, std::int64_t x, std::int64_t y) {
    const std::int64_t first = channel * band.strides.C - x * band.strides.W - y * band.strides.H;
    const auto address = reinterpret_cast<std::uintptr_t>(band.samples.get());
    return reinterpret_cast<char*>(
        address + static_cast<std::uintptr_t>(first * static_cast<std::int64_t>(sizeof(float))));
}

Imf::FrameBuffer frame_of(const Image& band, const std::vector<std::string>& channels,
                          std::int64_t x, std::int64_t y) {
    Imf::FrameBuffer frame;
    for (std::size_t c = 0; c < channels.size(); ++c) {
        frame.insert(channels[c],
                     Imf::Slice(Imf::FLOAT, origin_of(band, static_cast<std::int64_t>(c), x, y),
                                static_cast<std::size_t>(band.strides.W) * sizeof(float),
                                static_cast<std::size_t>(band.strides.H) * sizeof(float)));
    }
    return frame;
}

class ExrFileReader::Rows final : public RowReader {
public:
    explicit Rows(ExrFileReader& file) : file_(file) {}

    const PictureInfo& info() const override { return file_.info_; }
    bool can_seek() const override { return true; }
    std::int64_t memory_bytes() const override {
        const auto [N, C, H, W] = file_.info_.shape;
        return 3 * std::min(H, kBlockRows) * W * C * static_cast<std::int64_t>(sizeof(float));
    }
    void read(RowRange rows, const Image& band) override {
        const auto& window = file_.file_->header().dataWindow();
        const std::int64_t y = window.min.y + rows.first;
        guarded(file_.source_->name(), [&] {
            file_.file_->setFrameBuffer(frame_of(band, file_.channels_, window.min.x, y));
            file_.file_->readPixels(static_cast<int>(y), static_cast<int>(y + rows.count - 1));
        });
    }

private:
    ExrFileReader& file_;
};

std::unique_ptr<RowReader> ExrFileReader::rows(std::int64_t) {
    return std::make_unique<Rows>(*this);
}

std::unique_ptr<RowFileReader> open_exr(std::unique_ptr<ByteSource> source, const ReadOptions&) {
    return std::make_unique<ExrFileReader>(std::move(source));
}

/// Rows as EXR keeps them: colours multiplied by alpha, grey and alpha as R G B A, and what half
/// samples hold.
class ExrRowWriter final : public RowWriter {
public:
    ExrRowWriter(ByteSink& sink, const PageHeader& page, std::vector<std::string>& notes)
        : picture_(page.picture), notes_(notes), stream_(sink) {
        channels_ = picture_.has_alpha ? 4 : picture_.shape.C;
        PictureInfo stored = picture_;
        stored.shape.C = channels_;
        const Imf::Header header = exr_header(stored, page.metadata, notes_);
        half_ = header.channels().begin().channel().type == Imf::HALF;
        names_ = {"R", "G", "B", "A"};
        names_.resize(static_cast<std::size_t>(channels_));
        if (channels_ == 1) names_ = {header.channels().begin().name()};
        guarded("the EXR", [&] { file_ = std::make_unique<Imf::OutputFile>(stream_, header, 0); });
    }

    std::int64_t memory_bytes() const override {
        const std::int64_t row =
            picture_.shape.W * channels_ * static_cast<std::int64_t>(sizeof(float));
        return row * (1 + 3 * kBlockRows) + picture_.shape.H * 8;
    }

    void write(RowRange rows, const Image& band) override {
        const auto& window = file_->header().dataWindow();
        Image row = Image::interleaved(SampleType::f32, channels_, 1, picture_.shape.W);
        for (std::int64_t y = 0; y < rows.count; ++y) {
            convert(band, y, row);
            guarded("the EXR", [&] {
                const std::int64_t at = window.min.y + rows.first + y;
                file_->setFrameBuffer(half_ ? half_frame(row, window.min.x)
                                            : frame_of(row, names_, window.min.x, at));
                file_->writePixels(1);
            });
        }
    }

    void finish() override {
        guarded("the EXR", [&] { file_.reset(); });
        if (beyond_ == 0) return;
        notes_.push_back(fmt::format(
            "half samples of EXR end at 65504: {} became infinite, .tif or .pfm keep them",
            beyond_));
    }

private:
    Imf::FrameBuffer half_frame(const Image& row, std::int64_t x) {
        halves_.resize(static_cast<std::size_t>(row.shape.W * row.shape.C));
        for (std::size_t i = 0; i < halves_.size(); ++i) {
            const float value = row.data<float>()[i];
            halves_[i] = half(value);
            beyond_ += std::isinf(static_cast<float>(halves_[i])) && !std::isinf(value) ? 1 : 0;
        }
        Imf::FrameBuffer frame;
        const auto pixel = static_cast<std::int64_t>(sizeof(half)) * row.shape.C;
        for (std::size_t c = 0; c < names_.size(); ++c) {
            const auto first = static_cast<std::int64_t>(c * sizeof(half)) - x * pixel;
            const auto address = reinterpret_cast<std::uintptr_t>(halves_.data()) +
                                 static_cast<std::uintptr_t>(first);
            // A row stride of 0: every row is this one.
            frame.insert(names_[c], Imf::Slice(Imf::HALF, reinterpret_cast<char*>(address),
                                               static_cast<std::size_t>(pixel), 0));
        }
        return frame;
    }

    void convert(const Image& band, std::int64_t y, Image& row) const {
        auto* out = row.data<float>();
        if (!picture_.has_alpha) return copy_row(band, y, out);
        std::vector<float> samples(static_cast<std::size_t>(picture_.shape.W * picture_.shape.C));
        copy_row(band, y, samples.data());
        const auto C = static_cast<std::size_t>(picture_.shape.C);
        for (std::size_t x = 0; x < static_cast<std::size_t>(picture_.shape.W); ++x) {
            const float* pixel = &samples[x * C];
            for (std::size_t c = 0; c < 3; ++c)
                out[4 * x + c] = pixel[C == 2 ? 0 : c] * pixel[C - 1];
            out[4 * x + 3] = pixel[C - 1];
        }
    }

    PictureInfo picture_;
    std::vector<std::string>& notes_;
    ExrOutput stream_;
    std::unique_ptr<Imf::OutputFile> file_;
    std::vector<std::string> names_;
    std::vector<half> halves_;
    std::int64_t channels_ = 0, beyond_ = 0;
    bool half_ = false;
};

class ExrFileWriter final : public RowFileWriter {
public:
    explicit ExrFileWriter(ByteSink& sink) : sink_(sink) {}

    std::unique_ptr<RowWriter> add_page(const PageHeader& header) override {
        note_not_carried(header.metadata, "EXR", {}, notes_);
        return std::make_unique<ExrRowWriter>(sink_, header, notes_);
    }
    void finish() override {}
    const std::vector<std::string>& notes() const override { return notes_; }

private:
    ByteSink& sink_;
    std::vector<std::string> notes_;
};

std::unique_ptr<RowFileWriter> create_exr(const ImageDocument&, std::int64_t, const WriteOptions&,
                                          ByteSink& sink) {
    return std::make_unique<ExrFileWriter>(sink);
}

}  // namespace

FileFormat exr_format() {
    return {.holds = {.name = "exr",
                      .extensions = {"exr"},
                      .sample_types = {SampleType::f32},
                      .colours = {1, 3, 4},
                      .alpha = true,
                      .pages = false,
                      .largest_side = 1'000'000},
            .recognises = is_exr,
            .read = nullptr,
            .write = nullptr,
            .open_rows = open_exr,
            .create_rows = create_exr,
            .rows_need_seek = true};
}

}  // namespace conv
