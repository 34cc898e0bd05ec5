#include "files/formats/pnm_file.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "files/formats/pnm_header.hpp"
#include "files/pixel_rows.hpp"
#include "files/row_document.hpp"

namespace conv {
namespace {

/// What every sample value becomes: 0..from scaled to 0..to, rounded half to even; larger values
/// count as `from`.
std::vector<std::uint16_t> scaling_table(std::int64_t from, std::int64_t to) {
    std::vector<std::uint16_t> table;
    for (std::int64_t value = 0; value <= (from > 255 || to > 255 ? 65535 : 255); ++value) {
        const std::int64_t twice = 2 * std::min(value, from) * to;
        std::int64_t scaled = (twice + from) / (2 * from);
        if ((twice + from) % (2 * from) == 0) scaled -= scaled % 2;
        table.push_back(static_cast<std::uint16_t>(scaled));
    }
    return table;
}

template <typename Word>
void look_up(const std::vector<std::uint16_t>& table, void* samples, std::int64_t count) {
    auto* values = static_cast<Word*>(samples);
    for (std::int64_t i = 0; i < count; ++i) values[i] = static_cast<Word>(table[values[i]]);
}

/// The rows of a binary file: P4 to P7.
class PnmRows final : public RowReader {
public:
    PnmRows(const PnmHeader& header, const PictureInfo& info, ByteSource& source)
        : header_(header), info_(info), source_(source) {
        if (header.maximum != header.full()) table_ = scaling_table(header.maximum, header.full());
    }

    const PictureInfo& info() const override { return info_; }
    bool can_seek() const override { return source_.can_seek(); }
    std::int64_t memory_bytes() const override { return 2 * header_.row_bytes(); }

    void read(RowRange rows, const Image& band) override {
        if (can_seek()) source_.seek(offset_of(rows.first));
        const bool dense = has_interleaved_rows(band) &&
                           band.strides.H == band.shape.W * band.shape.C && header_.kind != '4';
        if (dense) {
            source_.read_exactly(band.data<std::uint8_t>(),
                                 static_cast<std::size_t>(rows.count * header_.row_bytes()));
            convert(band.data<void>(), rows.count * band.strides.H);
            return;
        }
        for (std::int64_t y = 0; y < rows.count; ++y) read_row(band, y);
    }

    void finish() override {
        if (can_seek()) source_.seek(offset_of(header_.height));
        std::array<std::uint8_t, 8> next = {};
        const ByteView more(next.data(), source_.read(next.data(), next.size()));
        if (!is_pnm(more)) return;
        fail(ErrorKind::unsupported,
             "{}: holds more than one picture, and one is read: split it first "
             "(pamsplit of netpbm)",
             source_.name());
    }

private:
    std::int64_t offset_of(std::int64_t row) const {
        return static_cast<std::int64_t>(header_.offset) + row * header_.row_bytes();
    }

    void convert(void* samples, std::int64_t count) const {
        if (info_.type == SampleType::u8) {
            if (!table_.empty()) look_up<std::uint8_t>(table_, samples, count);
            return;
        }
        swap_bytes_16(samples, count);
        if (!table_.empty()) look_up<std::uint16_t>(table_, samples, count);
    }

    void read_row(const Image& band, std::int64_t y) {
        const std::int64_t samples = header_.width * header_.channels;
        row_.resize(static_cast<std::size_t>(samples * header_.sample_bytes()));
        if (header_.kind == '4') {
            bits_.resize(static_cast<std::size_t>(header_.row_bytes()));
            source_.read_exactly(bits_.data(), bits_.size());
            for (std::size_t x = 0; x < row_.size(); ++x) {
                row_[x] = (bits_[x / 8] >> (7 - x % 8) & 1) != 0 ? 0 : 1;  // set bits are black
            }
        } else {
            source_.read_exactly(row_.data(), row_.size());
        }
        convert(row_.data(), samples);
        paste_row(row_.data(), band, y);
    }

    const PnmHeader& header_;
    const PictureInfo& info_;
    ByteSource& source_;
    std::vector<std::uint16_t> table_;
    std::vector<std::uint8_t> row_, bits_;
};

PictureInfo info_of(const PnmHeader& header) {
    return {header.sample_bytes() == 2 ? SampleType::u16 : SampleType::u8,
            {1, header.channels, header.height, header.width},
            header.has_alpha};
}

class PnmReader final : public RowFileReader {
public:
    PnmReader(const PnmHeader& header, std::unique_ptr<ByteSource> source, ImageDocument document)
        : header_(header),
          info_(info_of(header)),
          source_(std::move(source)),
          document_(std::move(document)) {}

    const ImageDocument& document() const override { return document_; }
    std::int64_t page_count() const override { return 1; }
    PageHeader header(std::int64_t) override { return {info_, {}}; }
    std::unique_ptr<RowReader> rows(std::int64_t) override {
        source_->seek(static_cast<std::int64_t>(header_.offset));
        return std::make_unique<PnmRows>(header_, info_, *source_);
    }

private:
    PnmHeader header_;
    PictureInfo info_;
    std::unique_ptr<ByteSource> source_;
    ImageDocument document_;
};

/// Where the size of the file is known, before anything is read.
void check_complete(const PnmHeader& header, const ByteSource& source) {
    if (!source.size()) return;
    const std::int64_t held =
        std::max<std::int64_t>(0, *source.size() - static_cast<std::int64_t>(header.offset));
    const std::int64_t samples = header.width * header.height * header.channels;
    const std::int64_t needed = header.is_text() ? samples : header.height * header.row_bytes();
    if (held >= needed) return;
    fail(ErrorKind::input,
         "{}: the file is truncated, {} x {} pixels need {} bytes and {} are there", source.name(),
         header.width, header.height, needed, held);
}

ImageDocument described(const PnmHeader& header) {
    ImageDocument document;
    document.format = "pnm";
    if (header.maximum == header.full()) return document;
    document.maximum = static_cast<std::uint32_t>(header.maximum);
    document.notes.push_back(
        fmt::format("samples of 0 to {} scaled to 0 to {}", header.maximum, header.full()));
    return document;
}

template <typename T>
void read_numbers(PnmText& text, const PnmHeader& header, const std::string& name, T* samples) {
    const std::vector<std::uint16_t> table = scaling_table(header.maximum, header.full());
    const std::int64_t count = header.width * header.height * header.channels;
    for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t value = header.is_bitmap() ? 1 - text.bit() : text.number();
        if (value > header.maximum) {
            fail(ErrorKind::input, "{}: holds the value {}, its largest is said to be {}", name,
                 value, header.maximum);
        }
        samples[i] = static_cast<T>(table[static_cast<std::size_t>(value)]);
    }
}

/// P1 to P3 are read as a whole.
std::unique_ptr<RowFileReader> open_text(const PnmHeader& header, ByteSource& source,
                                         const ReadOptions& options) {
    check_declared_size(source.name(), options,
                        {header.width, header.height, header.channels, header.sample_bytes()});
    const PictureInfo info = info_of(header);
    const FileBytes bytes =
        read_all(source, options.max_memory.value_or(std::numeric_limits<std::int64_t>::max()));
    Image picture = Image::interleaved(info.type, info.shape.C, info.shape.H, info.shape.W);
    PnmText text(bytes.view(), source.name(), header.offset - 1);
    if (info.type == SampleType::u8)
        read_numbers(text, header, source.name(), picture.data<std::uint8_t>());
    else
        read_numbers(text, header, source.name(), picture.data<std::uint16_t>());
    ImageDocument document = described(header);
    document.pages.push_back(std::move(picture));
    return document_rows(std::move(document));
}

std::unique_ptr<RowFileReader> open_pnm(std::unique_ptr<ByteSource> source,
                                        const ReadOptions& options) {
    constexpr std::size_t kLongestHeader = std::size_t{1} << 16;
    const PnmHeader header = read_pnm_header(source->prefix(kLongestHeader), source->name());
    check_not_empty(source->name(), info_of(header).shape);
    checked_product({header.width, header.height, header.channels, 2}, source->name());
    check_complete(header, *source);
    if (header.is_text()) return open_text(header, *source, options);
    return std::make_unique<PnmReader>(header, std::move(source), described(header));
}

class PnmRowWriter final : public RowWriter {
public:
    PnmRowWriter(ByteSink& sink, const PictureInfo& picture, std::int64_t maximum)
        : sink_(sink),
          offset_(sink.position()),
          row_bytes_(picture_bytes(picture.type, picture.shape) / picture.shape.H),
          wide_(picture.type == SampleType::u16) {
        const std::int64_t full = wide_ ? 65535 : 255;
        if (maximum != full) table_ = scaling_table(full, maximum);
    }

    bool any_order() const override { return sink_.can_seek(); }
    std::int64_t memory_bytes() const override { return 1 << 20; }
    void write(RowRange rows, const Image& band) override {
        sink_.seek(offset_ + rows.first * row_bytes_);
        if (!wide_ && table_.empty()) return write_rows(band, sink_);
        write_rows(band, sink_, [this](void* samples, std::int64_t count) {
            if (!wide_) return look_up<std::uint8_t>(table_, samples, count);
            if (!table_.empty()) look_up<std::uint16_t>(table_, samples, count);
            swap_bytes_16(samples, count);
        });
    }
    void finish() override {}

private:
    ByteSink& sink_;
    std::int64_t offset_, row_bytes_;
    bool wide_;
    std::vector<std::uint16_t> table_;
};

class PnmWriter final : public RowFileWriter {
public:
    PnmWriter(std::uint32_t maximum, ByteSink& sink) : maximum_(maximum), sink_(sink) {}

    std::unique_ptr<RowWriter> add_page(const PageHeader& header) override {
        const PictureInfo& picture = header.picture;
        const std::int64_t full = picture.type == SampleType::u16 ? 65535 : 255;
        // A maxval of the other sample size belongs to another depth.
        const bool fits = maximum_ > 0 && (maximum_ > 255) == (full > 255);
        const std::int64_t maximum = fits ? maximum_ : full;
        sink_.write(fmt::format("P{}\n{} {}\n{}\n", picture.shape.C == 3 ? 6 : 5, picture.shape.W,
                                picture.shape.H, maximum));
        note_not_carried(header.metadata, "PNM", {}, notes_);
        return std::make_unique<PnmRowWriter>(sink_, picture, maximum);
    }
    void finish() override {}
    const std::vector<std::string>& notes() const override { return notes_; }

private:
    std::uint32_t maximum_;
    ByteSink& sink_;
    std::vector<std::string> notes_;
};

std::unique_ptr<RowFileWriter> create_pnm(const ImageDocument& description, std::int64_t,
                                          const WriteOptions&, ByteSink& sink) {
    return std::make_unique<PnmWriter>(description.maximum, sink);
}

}  // namespace

FileFormat pnm_format() {
    return {.holds = {.name = "pnm",
                      .extensions = {"ppm", "pnm"},
                      .sample_types = {SampleType::u8, SampleType::u16},
                      .colours = {1, 3},
                      .alpha = false,
                      .pages = false,
                      .largest_side = std::numeric_limits<std::int64_t>::max()},
            .recognises = is_pnm,
            .read = nullptr,
            .write = nullptr,
            .open_rows = open_pnm,
            .create_rows = create_pnm};
}

FileFormat pgm_format() {
    FileFormat format = pnm_format();
    format.holds.name = "pgm";
    format.holds.extensions = {"pgm"};
    format.holds.colours = {1};
    return format;
}

}  // namespace conv
