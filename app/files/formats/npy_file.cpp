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
bool is_channels_last(const FileInput& input, const std::vector<std::int64_t>& dims) {
    if (dims.size() < 3) return false;
    const std::string& layout = input.options.layout;
    if (!layout.empty()) return layout == "hwc";
    const std::int64_t first = dims[dims.size() - 3];
    if (dims.size() == 3 && first > kLargestChannelCount && dims.back() <= kLargestChannelCount) {
        fail(ErrorKind::input,
             "{}: shape ({}) looks like H W C, but .npy images are C H W: say --layout hwc or chw",
             input.name, fmt::join(dims, ", "));
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
    constexpr std::array kTypes = {SampleType::u8, SampleType::u16, SampleType::f32,
                                   SampleType::f32};
    return kTypes[static_cast<std::size_t>(element)];
}

/// Narrows float64 to float32 in place: value i is written at or before the place of value i.
void narrow(void* values, std::int64_t count) {
    auto* bytes = static_cast<std::byte*>(values);
    for (std::int64_t i = 0; i < count; ++i) {
        double wide = 0;
        std::memcpy(&wide, bytes + i * 8, sizeof wide);
        const auto narrowed = static_cast<float>(wide);
        std::memcpy(bytes + i * 4, &narrowed, sizeof narrowed);
    }
}

/// The values in this machine's form, in the file's own memory where their alignment allows.
Samples values_of(const FileInput& input, const NpyHeader& header) {
    Samples values = input.bytes.samples_from(header.data_offset);
    const std::size_t each = element_bytes(header.element);
    if (reinterpret_cast<std::uintptr_t>(values.get()) % each != 0) {
        const NpyArray array = parse_npy(std::as_bytes(input.bytes.view()), input.name);
        return Samples::handed_over(array.data, header.count() * static_cast<std::int64_t>(each));
    }
    if (header.big_endian) swap_element_bytes(values.writable(), header.count(), each);
    return values;
}

ImageDocument read_npy(FileInput input) {
    const NpyHeader header = parse_npy_header(std::as_bytes(input.bytes.view()), input.name);
    if (header.dims.size() < 2) {
        fail(ErrorKind::input, "{}: shape ({}) is no picture, H W, C H W and N C H W are",
             input.name, fmt::join(header.dims, ", "));
    }
    const bool channels_last = is_channels_last(input, header.dims);
    const Shape shape = shape_of(header.dims, channels_last);
    const SampleType type = sample_type_of(header.element);
    const auto bytes = static_cast<std::int64_t>(sample_bytes(type));
    check_declared_size(input, {shape.W, shape.H, shape.C, bytes, shape.N});

    ImageDocument document;
    document.array_rank = static_cast<int>(header.dims.size());
    const Samples values = values_of(input, header);
    if (header.element == NpyElement::f64) {
        narrow(values.writable(), header.count());
        document.notes.emplace_back("float64 values computed as float32");
    }
    const Shape page{1, shape.C, shape.H, shape.W};
    const Strides strides = channels_last ? interleaved_strides(page) : planar_strides(page);
    for (std::int64_t n = 0; n < shape.N; ++n) {
        auto* first = static_cast<const std::byte*>(values.get()) + n * strides.N * bytes;
        document.pages.push_back({type, page, strides, false, Samples(values, first)});
    }
    return document;
}

/// Writes one channel in rows, through a buffer where its columns are apart.
void write_channel(const Image& page, std::int64_t channel, ByteSink& sink) {
    const std::size_t bytes = sample_bytes(page.type);
    Image one = page;
    one.shape.C = 1;
    one.samples = Samples(page.samples, page.data<const std::byte>() +
                                            channel * page.strides.C * static_cast<int>(bytes));
    write_rows(one, sink);
}

void write_npy(ImageDocument document, const WriteOptions&, ByteSink& sink,
               std::vector<std::string>& notes) {
    const Image& first = document.pages.front();
    std::size_t rank = std::max<std::size_t>(2, static_cast<std::size_t>(document.array_rank));
    if (first.shape.C > 1) rank = std::max<std::size_t>(rank, 3);
    if (document.pages.size() > 1) rank = 4;
    const std::array<std::int64_t, 4> dims = {static_cast<std::int64_t>(document.pages.size()),
                                              first.shape.C, first.shape.H, first.shape.W};
    for (const Image& page : document.pages) {
        if (page.shape == first.shape && page.type == first.type) continue;
        fail(ErrorKind::unsupported,
             "pages of different sizes do not fit one .npy array: use .tif");
    }
    sink.write(npy_header(npy_element(first.type), std::span(dims).last(rank)));
    for (const Image& page : document.pages) {
        for (std::int64_t c = 0; c < page.shape.C; ++c) write_channel(page, c, sink);
    }
    note_not_carried(document.metadata, ".npy", {}, notes);
}

}  // namespace

FileFormat npy_format() {
    return {{.name = "npy",
             .extensions = {"npy"},
             .sample_types = {SampleType::u8, SampleType::u16, SampleType::f32},
             .colours = {},
             .alpha = true,
             .pages = true,
             .largest_side = std::numeric_limits<std::int64_t>::max()},
            is_npy,
            read_npy,
            write_npy};
}

}  // namespace conv
