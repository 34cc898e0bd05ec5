#include "files/formats/hdr/hdr_file.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/size.hpp"
#include "files/formats/hdr/hdr_pixels.hpp"
#include "files/pixel_rows.hpp"

namespace conv {
namespace {

/// Runs of at most 127 equal bytes take two.
constexpr std::int64_t kBestRatio = 64;
constexpr std::size_t kLongestHeader = 64 << 10;

bool is_hdr(ByteView head) {
    return starts_with(head, "#?RADIANCE") || starts_with(head, "#?RGBE");
}

struct HdrHeader {
    std::int64_t width = 0, height = 0;
    std::string lines;  ///< exposure, primaries, comments: all but the format
};

[[noreturn]] void refuse(const std::string& name, std::string_view what) {
    fail(ErrorKind::input, "{}: the HDR is damaged: {}", name, what);
}

std::int64_t number(std::string_view text, const std::string& name) {
    std::int64_t value = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status != std::errc() || end != text.data() + text.size())
        refuse(name, "it states no size");
    return value;
}

void read_size(std::string_view line, const std::string& name, HdrHeader& header) {
    const std::size_t columns = line.find(" +X ");
    if (!line.starts_with("-Y ") || columns == line.npos) {
        fail(ErrorKind::unsupported, "{}: an HDR of orientation '{}' is not read, -Y +X is", name,
             display_name(std::string(line.substr(0, 32))));
    }
    header.width = number(line.substr(columns + 4), name);
    header.height = number(line.substr(3, columns - 3), name);
}

/// Lines to an empty one, and the line of the sizes after it.
HdrHeader read_header(ByteSource& source) {
    HdrHeader header;
    std::size_t total = 0;
    const auto next_line = [&] {
        std::string line;
        for (std::uint8_t byte = 0; source.read(&byte, 1) == 1 && byte != '\n';) {
            line += static_cast<char>(byte);
            if (++total > kLongestHeader) refuse(source.name(), "its header has no end");
        }
        if (line.empty() && source.position() >= source.size().value_or(INT64_MAX))
            refuse(source.name(), "its header has no end");
        return line;
    };
    next_line();  // the mark
    for (std::string line = next_line(); !line.empty(); line = next_line()) {
        if (!line.starts_with("FORMAT=")) {
            header.lines += line + '\n';
        } else if (line != "FORMAT=32-bit_rle_rgbe") {
            fail(ErrorKind::unsupported, "{}: '{}' of an HDR file is not read, 32-bit_rle_rgbe is",
                 source.name(), display_name(line));
        }
    }
    read_size(next_line(), source.name(), header);
    return header;
}

PictureInfo picture_of(const HdrHeader& header) {
    return {SampleType::f32, {1, 3, header.height, header.width}};
}

class HdrRowReader final : public RowReader {
public:
    HdrRowReader(ByteSource& source, const HdrHeader& header)
        : info_(picture_of(header)),
          lines_(
              [&source](std::uint8_t* out, std::size_t count) { return source.read(out, count); },
              source.name(), header.width),
          row_(Image::interleaved(SampleType::f32, 3, 1, header.width)) {}

    const PictureInfo& info() const override { return info_; }
    std::int64_t memory_bytes() const override { return info_.shape.W * 16 + (64 << 10); }
    void read(RowRange rows, const Image& band) override {
        for (std::int64_t y = 0; y < rows.count; ++y) {
            lines_.next(row_.data<float>());
            put_row(row_.data<float>(), band, y);
        }
    }

private:
    static void put_row(const float* rgb, const Image& band, std::int64_t y) {
        const Strides& step = band.strides;
        auto* out = band.data<float>() + y * step.H;
        for (std::int64_t x = 0; x < band.shape.W; ++x) {
            for (std::int64_t c = 0; c < 3; ++c) out[x * step.W + c * step.C] = rgb[3 * x + c];
        }
    }

    PictureInfo info_;
    HdrScanlines lines_;
    Image row_;
};

class HdrFileReader final : public RowFileReader {
public:
    explicit HdrFileReader(std::unique_ptr<ByteSource> source)
        : source_(std::move(source)), header_(read_header(*source_)) {
        if (header_.width < 1 || header_.height < 1) {
            fail(ErrorKind::input, "{}: is an empty picture of {} x {} pixels", source_->name(),
                 header_.width, header_.height);
        }
        const std::int64_t claimed =
            checked_product({header_.width, header_.height, 4}, source_->name());
        if (source_->size() && claimed / kBestRatio > *source_->size()) {
            fail(ErrorKind::input,
                 "{}: claims {} x {} pixels in a file of {}, it is truncated or its header is "
                 "damaged",
                 source_->name(), header_.width, header_.height, format_bytes(*source_->size()));
        }
        document_.format = "hdr";
        if (header_.lines.empty()) return;
        document_.metadata.blocks.push_back(
            {"hdr", "header lines", {header_.lines.begin(), header_.lines.end()}});
    }

    const ImageDocument& document() const override { return document_; }
    std::int64_t page_count() const override { return 1; }
    PageHeader header(std::int64_t) override { return {picture_of(header_), document_.metadata}; }
    std::unique_ptr<RowReader> rows(std::int64_t) override {
        return std::make_unique<HdrRowReader>(*source_, header_);
    }

private:
    std::unique_ptr<ByteSource> source_;
    HdrHeader header_;
    ImageDocument document_;
};

std::unique_ptr<RowFileReader> open_hdr(std::unique_ptr<ByteSource> source, const ReadOptions&) {
    return std::make_unique<HdrFileReader>(std::move(source));
}

class HdrRowWriter final : public RowWriter {
public:
    HdrRowWriter(ByteSink& sink, const PictureInfo& picture, std::vector<std::string>& notes)
        : sink_(sink), picture_(picture), notes_(notes) {}

    std::int64_t memory_bytes() const override { return picture_.shape.W * 24; }
    void write(RowRange rows, const Image& band) override {
        for (std::int64_t y = 0; y < rows.count; ++y) write_row(band, y);
    }
    void finish() override {
        if (cleared_ == 0) return;
        notes_.push_back(fmt::format(
            "HDR holds no negative values: {} became 0, .tif or .pfm keep them", cleared_));
    }

private:
    void write_row(const Image& band, std::int64_t y) {
        const std::int64_t C = picture_.shape.C, W = picture_.shape.W;
        std::vector<float> samples(static_cast<std::size_t>(C * W)), rgb;
        copy_row(band, y, samples.data());
        for (const float sample : samples) {
            cleared_ += sample >= 0 ? 0 : 1;
            rgb.insert(rgb.end(), C == 1 ? 3 : 1, sample);
        }
        std::vector<std::uint8_t> bytes;
        append_hdr_scanline(rgb.data(), W, bytes);
        sink_.write(bytes);
    }

    ByteSink& sink_;
    PictureInfo picture_;
    std::vector<std::string>& notes_;
    std::int64_t cleared_ = 0;  ///< negative values and NaN
};

class HdrFileWriter final : public RowFileWriter {
public:
    explicit HdrFileWriter(ByteSink& sink) : sink_(sink) {}

    std::unique_ptr<RowWriter> add_page(const PageHeader& header) override {
        const Shape& shape = header.picture.shape;
        sink_.write(std::string_view("#?RADIANCE\n"));
        for (const FormatBlock& block : header.metadata.blocks) {
            if (block.format == "hdr") sink_.write(block.data);
        }
        sink_.write(fmt::format("FORMAT=32-bit_rle_rgbe\n\n-Y {} +X {}\n", shape.H, shape.W));
        note_not_carried(header.metadata, "HDR", {}, notes_);
        return std::make_unique<HdrRowWriter>(sink_, header.picture, notes_);
    }
    void finish() override {}
    const std::vector<std::string>& notes() const override { return notes_; }

private:
    ByteSink& sink_;
    std::vector<std::string> notes_;
};

std::unique_ptr<RowFileWriter> create_hdr(const ImageDocument&, std::int64_t, const WriteOptions&,
                                          ByteSink& sink) {
    return std::make_unique<HdrFileWriter>(sink);
}

}  // namespace

FileFormat hdr_format() {
    return {.holds = {.name = "hdr",
                      .extensions = {"hdr", "pic"},
                      .sample_types = {SampleType::f32},
                      .colours = {1, 3},
                      .alpha = false,
                      .pages = false,
                      .largest_side = 1'000'000},
            .recognises = is_hdr,
            .read = nullptr,
            .write = nullptr,
            .open_rows = open_hdr,
            .create_rows = create_hdr};
}

}  // namespace conv
