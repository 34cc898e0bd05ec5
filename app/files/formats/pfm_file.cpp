#include "files/formats/pfm_file.hpp"

#include <charconv>
#include <cmath>
#include <limits>

#include "base/size.hpp"
#include "files/pixel_rows.hpp"
#include "tensor/npy.hpp"

namespace conv {
namespace {

bool is_pfm_blank(std::uint8_t c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

bool is_pfm(ByteView head) {
    return (starts_with(head, "PF") || starts_with(head, "Pf")) && head.size() > 2 &&
           is_pfm_blank(head[2]);
}

struct PfmHeader {
    std::int64_t width = 0, height = 0, channels = 1;
    double scale = 0;        ///< its sign is the byte order
    std::size_t offset = 3;  ///< of the first sample
};

/// The next word; one blank after it is skipped too, and comment lines before it, which libvips
/// writes.
std::string_view next_word(ByteView bytes, std::size_t& offset, const std::string& name) {
    const auto skip = [&](auto matches) {
        while (offset < bytes.size() && matches(bytes[offset])) ++offset;
    };
    skip(is_pfm_blank);
    while (offset < bytes.size() && bytes[offset] == '#') {
        skip([](std::uint8_t c) { return c != '\n'; });
        skip(is_pfm_blank);
    }
    const std::size_t start = offset;
    while (offset < bytes.size() && !is_pfm_blank(bytes[offset])) ++offset;
    if (offset >= bytes.size()) {
        fail(ErrorKind::input, "{}: the PFM is truncated, its header has no end", name);
    }
    return {reinterpret_cast<const char*>(bytes.data()) + start, offset++ - start};
}

template <typename Number>
Number parse(std::string_view word, const std::string& name) {
    Number value = 0;
    const char* end = word.data() + word.size();
    const auto [rest, status] = std::from_chars(word.data(), end, value);
    if (status != std::errc() || rest != end) {
        fail(ErrorKind::input, "{}: '{}' in the PFM header is no number", name,
             display_name(std::string(word.substr(0, 32))));
    }
    return value;
}

PfmHeader read_header(ByteView bytes, const std::string& name) {
    PfmHeader header;
    header.channels = bytes[1] == 'F' ? 3 : 1;
    header.width = parse<std::int64_t>(next_word(bytes, header.offset, name), name);
    header.height = parse<std::int64_t>(next_word(bytes, header.offset, name), name);
    header.scale = parse<double>(next_word(bytes, header.offset, name), name);
    if (header.scale == 0 || !std::isfinite(header.scale)) {
        fail(ErrorKind::input, "{}: the PFM scale is {}, it must be a number other than 0", name,
             header.scale);
    }
    return header;
}

/// The rows of a PFM, which keeps the bottom one first.
class PfmRows final : public RowReader {
public:
    PfmRows(const PfmHeader& header, const PictureInfo& info, ByteSource& source)
        : header_(header), info_(info), source_(source) {}

    const PictureInfo& info() const override { return info_; }
    bool can_seek() const override { return true; }
    std::int64_t memory_bytes() const override { return row_bytes(); }

    void read(RowRange rows, const Image& band) override {
        const std::int64_t samples = info_.shape.W * info_.shape.C;
        row_.resize(static_cast<std::size_t>(samples));
        const std::int64_t last = rows.first + rows.count - 1;
        source_.seek(static_cast<std::int64_t>(header_.offset) +
                     (info_.shape.H - 1 - last) * row_bytes());
        for (std::int64_t y = rows.count - 1; y >= 0; --y) {
            source_.read_exactly(reinterpret_cast<std::uint8_t*>(row_.data()),
                                 static_cast<std::size_t>(row_bytes()));
            if (header_.scale > 0) swap_element_bytes(row_.data(), samples, sizeof(float));
            paste_row(row_.data(), band, y);
        }
    }

private:
    std::int64_t row_bytes() const {
        return info_.shape.W * info_.shape.C * static_cast<std::int64_t>(sizeof(float));
    }

    const PfmHeader& header_;
    const PictureInfo& info_;
    ByteSource& source_;
    std::vector<float> row_;
};

class PfmReader final : public RowFileReader {
public:
    PfmReader(const PfmHeader& header, std::unique_ptr<ByteSource> source)
        : header_(header),
          info_{SampleType::f32, {1, header.channels, header.height, header.width}},
          source_(std::move(source)) {
        document_.format = "pfm";
        if (std::abs(header.scale) == 1) return;
        document_.notes.push_back(
            fmt::format("the PFM scale of {} does not change the samples", std::abs(header.scale)));
    }

    const ImageDocument& document() const override { return document_; }
    std::int64_t page_count() const override { return 1; }
    PageHeader header(std::int64_t) override { return {info_, {}}; }
    std::unique_ptr<RowReader> rows(std::int64_t) override {
        return std::make_unique<PfmRows>(header_, info_, *source_);
    }

private:
    PfmHeader header_;
    PictureInfo info_;
    std::unique_ptr<ByteSource> source_;
    ImageDocument document_;
};

/// The first row comes last: a pipe goes through a temporary file.
std::unique_ptr<RowFileReader> open_pfm(std::unique_ptr<ByteSource> source, const ReadOptions&) {
    source->spool();
    constexpr std::size_t kLongestHeader = std::size_t{1} << 16;
    const PfmHeader header = read_header(source->prefix(kLongestHeader), source->name());
    check_not_empty(source->name(), {1, header.channels, header.height, header.width});
    const std::int64_t needed = checked_product(
        {header.width, header.height, header.channels, sizeof(float)}, source->name());
    const std::int64_t held = *source->size() - static_cast<std::int64_t>(header.offset);
    if (held < needed) {
        fail(ErrorKind::input,
             "{}: the PFM is truncated, {} x {} pixels need {} bytes and {} are there",
             source->name(), header.width, header.height, needed, held);
    }
    return std::make_unique<PfmReader>(header, std::move(source));
}

class PfmRowWriter final : public RowWriter {
public:
    PfmRowWriter(ByteSink& sink, const Shape& shape)
        : sink_(sink), offset_(sink.position()), shape_(shape) {}

    bool any_order() const override { return true; }
    std::int64_t memory_bytes() const override { return row_bytes(); }
    void write(RowRange rows, const Image& band) override {
        row_.resize(static_cast<std::size_t>(row_bytes()));
        for (std::int64_t y = 0; y < rows.count; ++y) {
            copy_row(band, y, row_.data());
            sink_.write_at(offset_ + (shape_.H - 1 - rows.first - y) * row_bytes(), row_);
        }
    }
    void finish() override {}

private:
    std::int64_t row_bytes() const {
        return shape_.W * shape_.C * static_cast<std::int64_t>(sizeof(float));
    }

    ByteSink& sink_;
    std::int64_t offset_;
    Shape shape_;
    std::vector<std::uint8_t> row_;
};

class PfmWriter final : public RowFileWriter {
public:
    explicit PfmWriter(ByteSink& sink) : sink_(sink) {}

    std::unique_ptr<RowWriter> add_page(const PageHeader& header) override {
        const Shape& shape = header.picture.shape;
        sink_.write(fmt::format("{}\n{} {}\n-1.0\n", shape.C == 3 ? "PF" : "Pf", shape.W, shape.H));
        note_not_carried(header.metadata, "PFM", {}, notes_);
        return std::make_unique<PfmRowWriter>(sink_, shape);
    }
    void finish() override {}
    const std::vector<std::string>& notes() const override { return notes_; }

private:
    ByteSink& sink_;
    std::vector<std::string> notes_;
};

std::unique_ptr<RowFileWriter> create_pfm(const ImageDocument&, std::int64_t, const WriteOptions&,
                                          ByteSink& sink) {
    return std::make_unique<PfmWriter>(sink);
}

}  // namespace

FileFormat pfm_format() {
    return {.holds = {.name = "pfm",
                      .extensions = {"pfm"},
                      .sample_types = {SampleType::f32},
                      .colours = {1, 3},
                      .alpha = false,
                      .pages = false,
                      .largest_side = std::numeric_limits<std::int64_t>::max()},
            .recognises = is_pfm,
            .read = nullptr,
            .write = nullptr,
            .open_rows = open_pfm,
            .create_rows = create_pfm,
            .rows_need_seek = true};
}

}  // namespace conv
