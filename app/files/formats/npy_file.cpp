#include "files/formats/npy_file.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <span>

#include "files/pixel_rows.hpp"
#include "tensor/npy.hpp"

namespace conv {
namespace {

static_assert(std::endian::native == std::endian::little,
              "samples are written as they lie in memory");

constexpr std::int64_t kLargestChannelCount = 4;

bool is_npy(ByteView head) {
    return starts_with(head, "\x93NUMPY");
}

/// The order of the dimensions of a 3-D array: C H W, or H W C where the layout says so.
bool is_channels_last(const std::string& name, const std::string& layout,
                      const std::vector<std::int64_t>& dims) {
    if (dims.size() < 3) return false;
    if (!layout.empty()) return layout == "hwc";
    const std::int64_t first = dims[dims.size() - 3];
    if (dims.size() == 3 && first > kLargestChannelCount && dims.back() <= kLargestChannelCount) {
        fail(ErrorKind::input,
             "{}: shape ({}) looks like H W C, but .npy images are C H W: say --layout hwc or chw",
             name, fmt::join(dims, ", "));
    }
    return false;
}

Shape shape_of(const std::vector<std::int64_t>& dims, bool channels_last) {
    const std::size_t rank = dims.size();
    Shape shape;
    if (rank == 4) shape.N = dims[0];
    if (rank >= 3) shape.C = channels_last ? dims[rank - 1] : dims[rank - 3];
    shape.H = dims[rank - (channels_last ? 3 : 2)];
    shape.W = dims[rank - (channels_last ? 2 : 1)];
    return shape;
}

SampleType sample_type_of(NpyElement element) {
    return element == NpyElement::u8    ? SampleType::u8
           : element == NpyElement::u16 ? SampleType::u16
                                        : SampleType::f32;
}

/// The rows of one picture of an array.
class NpyRows final : public RowReader {
public:
    /// `offset` is the picture's first value in the source, which can seek unless the picture is
    /// one run of rows.
    NpyRows(const NpyHeader& header, const PictureInfo& info, ByteSource& source,
            std::int64_t offset)
        : header_(header), info_(info), source_(source), offset_(offset) {}

    const PictureInfo& info() const override { return info_; }
    bool can_seek() const override { return source_.can_seek(); }
    std::int64_t memory_bytes() const override { return line_values() * 16; }

    void read(RowRange rows, const Image& band) override {
        const auto [N, C, H, W] = info_.shape;
        for (std::int64_t c = 0; c < (info_.planar ? C : 1); ++c) {
            const std::int64_t first = (c * H + rows.first) * line_values();
            if (source_.can_seek()) source_.seek(offset_ + first * file_bytes());
            for (std::int64_t y = 0; y < rows.count; ++y) read_line(band, c, y);
        }
    }

private:
    std::int64_t file_bytes() const {
        return static_cast<std::int64_t>(element_bytes(header_.element));
    }
    /// Values that follow each other in the file: a row of one channel, or of all interleaved.
    std::int64_t line_values() const { return info_.shape.W * (info_.planar ? 1 : info_.shape.C); }

    /// The next line of the file becomes row y of channel c, or of all.
    void read_line(const Image& band, std::int64_t c, std::int64_t y) {
        const std::int64_t count = line_values();
        line_.resize(static_cast<std::size_t>(count * file_bytes()));
        source_.read_exactly(line_.data(), line_.size());
        if (header_.big_endian) {
            swap_element_bytes(line_.data(), count, element_bytes(header_.element));
        }
        const void* samples = line_.data();
        if (header_.element != npy_element(info_.type)) {
            floats_.resize(static_cast<std::size_t>(count));
            npy_to_floats(header_.element, line_.data(), count, floats_.data());
            samples = floats_.data();
        }
        if (!info_.planar) return paste_row(samples, band, y);
        Image channel = band;
        channel.shape.C = 1;
        channel.samples = {band.samples, band.data<std::byte>() + c * band.strides.C *
                                                                      static_cast<std::int64_t>(
                                                                          sample_bytes(band.type))};
        paste_row(samples, channel, y);
    }

    const NpyHeader& header_;
    const PictureInfo& info_;
    ByteSource& source_;
    std::int64_t offset_;
    std::vector<std::uint8_t> line_;
    std::vector<float> floats_;  ///< of a line that is stored otherwise
};

class NpyReader final : public RowFileReader {
public:
    NpyReader(NpyHeader header, const Shape& shape, bool channels_last,
              std::unique_ptr<ByteSource> source)
        : header_(std::move(header)),
          pages_(shape.N),
          info_{sample_type_of(header_.element), {1, shape.C, shape.H, shape.W}},
          source_(std::move(source)) {
        info_.planar = shape.C > 1 && !channels_last;
        document_.format = "npy";
        document_.array_rank = static_cast<int>(header_.dims.size());
        if (header_.element != npy_element(info_.type)) {
            constexpr std::array kNames = {"uint8", "uint16", "float32", "float64",
                                           "int16", "bool",   "float16"};
            document_.notes.push_back(
                fmt::format("{} values computed as float32",
                            kNames[static_cast<std::size_t>(header_.element)]));
        }
    }

    const ImageDocument& document() const override { return document_; }
    std::int64_t page_count() const override { return pages_; }
    PageHeader header(std::int64_t) override { return {info_, {}}; }
    std::unique_ptr<RowReader> rows(std::int64_t page) override {
        const Shape& shape = info_.shape;
        const std::int64_t offset = static_cast<std::int64_t>(header_.data_offset) +
                                    page * shape.C * shape.H * shape.W *
                                        static_cast<std::int64_t>(element_bytes(header_.element));
        source_->seek(offset);
        return std::make_unique<NpyRows>(header_, info_, *source_, offset);
    }

private:
    NpyHeader header_;
    std::int64_t pages_;
    PictureInfo info_;
    std::unique_ptr<ByteSource> source_;
    ImageDocument document_;
};

std::unique_ptr<RowFileReader> open_npy(std::unique_ptr<ByteSource> source,
                                        const ReadOptions& options) {
    constexpr std::size_t kLongestHeader = std::size_t{1} << 17;
    const std::vector<std::uint8_t> head = source->prefix(kLongestHeader);
    NpyHeader header =
        parse_npy_header(std::as_bytes(std::span(head)), source->name(),
                         source->size().value_or(std::numeric_limits<std::int64_t>::max()));
    if (header.dims.size() < 2) {
        fail(ErrorKind::input, "{}: shape ({}) is no picture, H W, C H W and N C H W are",
             source->name(), fmt::join(header.dims, ", "));
    }
    const bool channels_last = is_channels_last(source->name(), options.layout, header.dims);
    Shape shape = shape_of(header.dims, channels_last);
    if (options.layout == kSlicesLayout && header.dims.size() == 3 && !channels_last)
        std::swap(shape.N, shape.C);
    check_not_empty(source->name(), shape);
    // Planes stand one after the other: a pipe of several goes through a temporary file.
    if (header.dims.size() == 3 && !channels_last) source->spool();
    return std::make_unique<NpyReader>(std::move(header), shape, channels_last, std::move(source));
}

/// The rows of one picture: each channel's go to its own plane.
class NpyRowWriter final : public RowWriter {
public:
    NpyRowWriter(ByteSink& sink, std::int64_t offset, const PictureInfo& picture)
        : sink_(sink), offset_(offset), picture_(picture) {}

    bool any_order() const override { return true; }
    std::int64_t memory_bytes() const override { return std::int64_t{1} << 20; }

    void write(RowRange rows, const Image& band) override {
        const auto bytes = static_cast<std::int64_t>(sample_bytes(band.type));
        const Shape& shape = picture_.shape;
        std::vector<std::uint8_t> plane(static_cast<std::size_t>(rows.count * shape.W * bytes));
        for (std::int64_t c = 0; c < shape.C; ++c) {
            Image channel = band;
            channel.shape.C = 1;
            channel.samples = {band.samples,
                               band.data<const std::byte>() + c * band.strides.C * bytes};
            for (std::int64_t y = 0; y < rows.count; ++y) {
                copy_row(channel, y, plane.data() + y * shape.W * bytes);
            }
            sink_.write_at(offset_ + (c * shape.H + rows.first) * shape.W * bytes, plane);
        }
    }
    void finish() override {}

private:
    ByteSink& sink_;
    std::int64_t offset_;
    PictureInfo picture_;
};

class NpyWriter final : public RowFileWriter {
public:
    NpyWriter(std::size_t rank, std::int64_t pages, ByteSink& sink)
        : rank_(rank), pages_(pages), sink_(sink) {}

    std::unique_ptr<RowWriter> add_page(const PageHeader& header) override {
        const PictureInfo& picture = header.picture;
        if (written_ == 0) {
            begin(picture);
        } else if (picture.shape != first_.shape || picture.type != first_.type) {
            fail(ErrorKind::internal, "pages of different sizes in one .npy array");
        }
        if (written_ == 0) note_not_carried(header.metadata, ".npy", {}, notes_);
        const std::int64_t offset =
            sink_.position() + written_++ * picture_bytes(picture.type, picture.shape);
        return std::make_unique<NpyRowWriter>(sink_, offset, picture);
    }
    void finish() override {}
    const std::vector<std::string>& notes() const override { return notes_; }

private:
    void begin(const PictureInfo& first) {
        first_ = first;
        const Shape& shape = first.shape;
        std::size_t rank = std::max<std::size_t>(2, rank_);
        if (shape.C > 1) rank = std::max<std::size_t>(rank, 3);
        const bool volume = rank == 3 && shape.C == 1;
        if (pages_ > 1 && !volume) rank = 4;
        const std::array<std::int64_t, 4> dims = {pages_, volume ? pages_ : shape.C, shape.H,
                                                  shape.W};
        sink_.write(npy_header(npy_element(first.type), std::span(dims).last(rank)));
    }

    std::size_t rank_;
    std::int64_t pages_, written_ = 0;
    ByteSink& sink_;
    PictureInfo first_;
    std::vector<std::string> notes_;
};

std::unique_ptr<RowFileWriter> create_npy(const ImageDocument& description, std::int64_t pages,
                                          const WriteOptions&, ByteSink& sink) {
    return std::make_unique<NpyWriter>(static_cast<std::size_t>(description.array_rank), pages,
                                       sink);
}

}  // namespace

FileFormat npy_format() {
    return {.holds = {.name = "npy",
                      .extensions = {"npy"},
                      .sample_types = {SampleType::u8, SampleType::u16, SampleType::f32},
                      .colours = {},
                      .alpha = true,
                      .pages = true,
                      .largest_side = std::numeric_limits<std::int64_t>::max()},
            .recognises = is_npy,
            .read = nullptr,
            .write = nullptr,
            .open_rows = open_npy,
            .create_rows = create_npy,
            .rows_need_seek = true};
}

}  // namespace conv
