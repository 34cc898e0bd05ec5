#include "files/formats/pnm_file.hpp"

#include <array>
#include <cstring>
#include <limits>
#include <map>
#include <optional>

#include "base/size.hpp"
#include "files/pixel_rows.hpp"

namespace conv {
namespace {

bool is_blank(std::uint8_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_pnm(ByteView head) {
    return head.size() > 2 && head[0] == 'P' && head[1] >= '1' && head[1] <= '7' &&
           is_blank(head[2]);
}

/// What stands before the samples of a PNM or PAM file.
struct PnmHeader {
    char kind = '6';
    std::int64_t width = 0, height = 0, channels = 1, maximum = 1;
    bool has_alpha = false;
    std::size_t offset = 0;  ///< of the first sample

    bool is_text() const { return kind <= '3'; }
    bool is_bitmap() const { return kind == '1' || kind == '4'; }
    std::int64_t sample_bytes() const { return maximum > 255 ? 2 : 1; }
};

/// Reads words and numbers between blanks and comments.
class PnmText {
public:
    PnmText(ByteView bytes, const std::string& name, std::size_t offset)
        : bytes_(bytes), name_(name), offset_(offset) {}

    std::string word() {
        skip_blanks();
        std::string text;
        while (offset_ < bytes_.size() && !is_blank(bytes_[offset_]) && text.size() < 32) {
            text += static_cast<char>(bytes_[offset_++]);
        }
        if (text.empty()) refuse_end();
        return text;
    }
    std::int64_t number() {
        skip_blanks();
        if (offset_ >= bytes_.size()) refuse_end();
        std::int64_t value = 0;
        const std::size_t start = offset_;
        constexpr std::int64_t kLargest = std::int64_t{1} << 40;
        for (; offset_ < bytes_.size() && digit() && value < kLargest; ++offset_) {
            value = value * 10 + (bytes_[offset_] - '0');
        }
        if (offset_ == start || value >= kLargest ||
            (offset_ < bytes_.size() && !is_blank(bytes_[offset_]))) {
            refuse_number(start);
        }
        return value;
    }
    /// One sample of a P1 file, whose digits need no blanks between them.
    std::int64_t bit() {
        skip_blanks();
        if (offset_ >= bytes_.size()) refuse_end();
        const std::uint8_t c = bytes_[offset_++];
        if (c != '0' && c != '1') refuse_number(offset_ - 1);
        return c - '0';
    }
    std::size_t offset() const { return offset_; }

private:
    bool digit() const { return bytes_[offset_] >= '0' && bytes_[offset_] <= '9'; }
    void skip_blanks() {
        while (offset_ < bytes_.size()) {
            if (bytes_[offset_] == '#') {
                while (offset_ < bytes_.size() && bytes_[offset_] != '\n') ++offset_;
            } else if (!is_blank(bytes_[offset_])) {
                return;
            } else {
                ++offset_;
            }
        }
    }
    [[noreturn]] void refuse_end() const {
        fail(ErrorKind::input, "{}: the file is truncated, numbers are missing at its end", name_);
    }
    [[noreturn]] void refuse_number(std::size_t place) const {
        fail(ErrorKind::input, "{}: no number of 0 or more at byte {}, the file is damaged", name_,
             place);
    }

    ByteView bytes_;
    const std::string& name_;
    std::size_t offset_;
};

PnmHeader read_pam_header(ByteView bytes, const std::string& name) {
    PnmText text(bytes, name, 2);
    std::map<std::string, std::int64_t> numbers = {
        {"WIDTH", 0}, {"HEIGHT", 0}, {"DEPTH", 0}, {"MAXVAL", 0}};
    std::string tuple;
    for (std::string key = text.word(); key != "ENDHDR"; key = text.word()) {
        if (key == "TUPLTYPE") {
            tuple = text.word();
        } else if (numbers.contains(key)) {
            numbers[key] = text.number();
        } else {
            fail(ErrorKind::input, "{}: its PAM header holds an unknown line '{}'", name,
                 display_name(key));
        }
    }
    const std::int64_t channels = numbers["DEPTH"];
    const bool has_alpha = tuple.ends_with("_ALPHA");
    if (channels > 4) {
        fail(ErrorKind::unsupported, "{}: a PAM of {} channels is not read, up to 4 are", name,
             channels);
    }
    return {'7',       numbers["WIDTH"], numbers["HEIGHT"], channels, numbers["MAXVAL"],
            has_alpha, text.offset() + 1};
}

PnmHeader read_header(ByteView bytes, const std::string& name) {
    const char kind = static_cast<char>(bytes[1]);
    if (kind == '7') return read_pam_header(bytes, name);
    PnmText text(bytes, name, 2);
    PnmHeader header;
    header.kind = kind;
    header.width = text.number();
    header.height = text.number();
    if (!header.is_bitmap()) header.maximum = text.number();
    header.channels = kind == '3' || kind == '6' ? 3 : 1;
    header.offset = text.offset() + 1;
    return header;
}

void check_header(const PnmHeader& header, const FileInput& input) {
    if (header.maximum < 1 || header.maximum > 65535) {
        fail(ErrorKind::input, "{}: its largest value is {}, it must be 1 to 65535", input.name,
             header.maximum);
    }
    check_declared_size(input,
                        {header.width, header.height, header.channels, header.sample_bytes(), 1});
    const std::int64_t samples = header.width * header.height * header.channels;
    const std::int64_t held =
        std::max<std::int64_t>(0, static_cast<std::int64_t>(input.bytes.size()) -
                                      static_cast<std::int64_t>(header.offset));
    const std::int64_t needed = header.kind == '4' ? ceil_div(header.width, 8) * header.height
                                : header.is_text() ? samples
                                                   : samples * header.sample_bytes();
    if (held < needed) {
        fail(ErrorKind::input,
             "{}: the file is truncated, {} x {} pixels need {} bytes and {} are there", input.name,
             header.width, header.height, needed, held);
    }
}

Image read_text(const FileInput& input, const PnmHeader& header) {
    const SampleType type = header.maximum > 255 ? SampleType::u16 : SampleType::u8;
    Image picture = Image::interleaved(type, header.channels, header.height, header.width);
    PnmText text(input.bytes.view(), input.name, header.offset - 1);
    const std::int64_t count = header.width * header.height * header.channels;
    for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t value = header.is_bitmap() ? 1 - text.bit() : text.number();
        if (value > header.maximum) {
            fail(ErrorKind::input, "{}: holds the value {}, its largest is said to be {}",
                 input.name, value, header.maximum);
        }
        if (type == SampleType::u8)
            picture.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(value);
        else
            picture.data<std::uint16_t>()[i] = static_cast<std::uint16_t>(value);
    }
    return picture;
}

Image read_bits(const FileInput& input, const PnmHeader& header) {
    Image picture = Image::interleaved(SampleType::u8, 1, header.height, header.width);
    const std::uint8_t* bits = input.bytes.view().data() + header.offset;
    const std::int64_t row_bytes = ceil_div(header.width, 8);
    for (std::int64_t y = 0; y < header.height; ++y, bits += row_bytes) {
        std::uint8_t* row = picture.data<std::uint8_t>() + y * header.width;
        for (std::int64_t x = 0; x < header.width; ++x) {
            row[x] = (bits[x / 8] >> (7 - x % 8) & 1) != 0 ? 0 : 1;  // set bits are black
        }
    }
    return picture;
}

/// The samples where the file has them: no second copy of a large picture.
Image read_binary(const FileInput& input, const PnmHeader& header) {
    const bool wide = header.sample_bytes() == 2;
    const std::int64_t count = header.width * header.height * header.channels;
    Samples samples = input.bytes.samples_from(header.offset);
    if (wide && reinterpret_cast<std::uintptr_t>(samples.get()) % 2 != 0) {
        // Moved over the last byte of the header, which has been read.
        samples = input.bytes.samples_from(header.offset - 1);
        auto* moved = static_cast<std::uint8_t*>(samples.writable());
        std::memmove(moved, moved + 1, static_cast<std::size_t>(2 * count));
    }
    if (wide) swap_bytes_16(samples.writable(), count);
    const Shape shape{1, header.channels, header.height, header.width};
    return {wide ? SampleType::u16 : SampleType::u8, shape, interleaved_strides(shape),
            header.has_alpha, std::move(samples)};
}

ImageDocument read_pnm(FileInput input) {
    const PnmHeader header = read_header(input.bytes.view(), input.name);
    check_header(header, input);
    const auto read = header.is_text() ? read_text : header.kind == '4' ? read_bits : read_binary;
    ImageDocument document;
    document.pages.push_back(read(input, header));
    input.bytes = {};
    const std::int64_t full = header.sample_bytes() == 2 ? 65535 : 255;
    if (header.maximum != full) {
        scale_to_full_range(document.pages[0], static_cast<std::uint32_t>(header.maximum));
        document.notes.push_back(
            fmt::format("samples of 0 to {} scaled to 0 to {}", header.maximum, full));
    }
    return document;
}

void write_pnm(ImageDocument document, const WriteOptions&, ByteSink& sink,
               std::vector<std::string>& notes) {
    const Image& picture = document.pages.front();
    const bool wide = picture.type == SampleType::u16;
    sink.write(fmt::format("P{}\n{} {}\n{}\n", picture.shape.C == 3 ? 6 : 5, picture.shape.W,
                           picture.shape.H, wide ? 65535 : 255));
    write_rows(picture, sink, wide ? swap_bytes_16 : nullptr);
    note_not_carried(document.metadata, "PNM", {}, notes);
}

}  // namespace

FileFormat pnm_format() {
    return {{.name = "pnm",
             .extensions = {"ppm", "pnm"},
             .sample_types = {SampleType::u8, SampleType::u16},
             .colours = {1, 3},
             .alpha = false,
             .pages = false,
             .largest_side = std::numeric_limits<std::int64_t>::max()},
            is_pnm,
            read_pnm,
            write_pnm};
}

FileFormat pgm_format() {
    FileFormat format = pnm_format();
    format.holds.name = "pgm";
    format.holds.extensions = {"pgm"};
    format.holds.colours = {1};
    return format;
}

}  // namespace conv
