#include "tensor/npy.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>

#include "base/aligned_buffer.hpp"
#include "base/error.hpp"
#include "base/printable.hpp"
#include "base/size.hpp"

namespace conv {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
/// numpy's own headers of four dimensions stay below 256 bytes; the rest is for padding.
constexpr std::size_t kLargestHeader = 64 << 10;
constexpr std::size_t kLargestRank = 4;

struct Type {
    std::string_view letters;  ///< the descr without its byte order
    NpyElement element;
};
constexpr std::array kTypes = {Type{"u1", NpyElement::u8},  Type{"u2", NpyElement::u16},
                               Type{"f4", NpyElement::f32}, Type{"f8", NpyElement::f64},
                               Type{"i2", NpyElement::i16}, Type{"b1", NpyElement::boolean},
                               Type{"f2", NpyElement::f16}};

/// Reads the one Python dict literal that a header may hold; anything else is refused.
class HeaderText {
public:
    HeaderText(std::string_view text, const std::string& name) : rest_(text), name_(name) {}

    NpyHeader parse() {
        expect('{');
        while (!accept('}')) {
            const std::string_view key = quoted();
            expect(':');
            if (key == "descr")
                descr_ = quoted();
            else if (key == "fortran_order")
                fortran_ = boolean();
            else if (key == "shape")
                dims_ = tuple();
            else
                refuse();
            if (!accept(',')) {
                expect('}');
                break;
            }
        }
        skip_blanks();
        if (!rest_.empty() || !descr_ || !fortran_ || !dims_) refuse();
        return checked();
    }

private:
    [[noreturn]] void refuse() const {
        fail(ErrorKind::input,
             "{}: the .npy header is damaged, save the array again with numpy.save", name_);
    }
    void skip_blanks() {
        while (!rest_.empty() && std::string_view(" \t\r\n").find(rest_.front()) != rest_.npos)
            rest_.remove_prefix(1);
    }
    bool accept(char wanted) {
        skip_blanks();
        if (rest_.empty() || rest_.front() != wanted) return false;
        rest_.remove_prefix(1);
        return true;
    }
    void expect(char wanted) {
        if (!accept(wanted)) refuse();
    }
    std::string_view quoted() {
        skip_blanks();
        const char quote = rest_.empty() ? '\0' : rest_.front();
        if (quote == '[') {
            fail(ErrorKind::input,
                 "{}: the .npy array holds records, only plain numbers can be read", name_);
        }
        if (quote != '\'' && quote != '"') refuse();
        const std::size_t end = rest_.find(quote, 1);
        if (end == rest_.npos) refuse();
        const std::string_view text = rest_.substr(1, end - 1);
        rest_.remove_prefix(end + 1);
        return text;
    }
    bool boolean() {
        skip_blanks();
        for (const bool value : {true, false}) {
            const std::string_view word = value ? "True" : "False";
            if (!rest_.starts_with(word)) continue;
            rest_.remove_prefix(word.size());
            return value;
        }
        refuse();
    }
    std::vector<std::int64_t> tuple() {
        std::vector<std::int64_t> dims;
        expect('(');
        while (!accept(')')) {
            dims.push_back(integer());
            if (accept('L')) skip_blanks();  // Python 2 marked long integers so
            if (!accept(',')) {
                expect(')');
                break;
            }
        }
        return dims;
    }
    std::int64_t integer() {
        skip_blanks();
        std::int64_t value = 0;
        const auto [end, status] =
            std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        if (status == std::errc::result_out_of_range) {
            fail(ErrorKind::input, "{}: a dimension in the .npy header does not fit 64 bits",
                 name_);
        }
        if (status != std::errc()) refuse();
        rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
        return value;
    }

    NpyHeader checked() const {
        NpyHeader header;
        header.element = element_of(*descr_);
        header.big_endian = descr_->front() == '>' && element_bytes(header.element) > 1;
        header.dims = *dims_;
        if (header.dims.size() > kLargestRank) {
            fail(ErrorKind::input, "{}: the .npy array has {} dimensions, at most {} are read",
                 name_, header.dims.size(), kLargestRank);
        }
        for (const std::int64_t size : header.dims) {
            if (size < 1) {
                fail(ErrorKind::input,
                     "{}: the .npy array has shape ({}), every size must be 1 or more", name_,
                     fmt::join(header.dims, ", "));
            }
        }
        const bool one_order =
            std::count_if(dims_->begin(), dims_->end(), [](auto size) { return size > 1; }) <= 1;
        if (*fortran_ && !one_order) {
            fail(ErrorKind::input,
                 "{}: the .npy array is in Fortran order, save np.ascontiguousarray(array)", name_);
        }
        return header;
    }
    NpyElement element_of(std::string_view descr) const {
        const bool ordered =
            !descr.empty() && std::string_view("<>|=").find(descr[0]) != descr.npos;
        const std::string_view letters = ordered ? descr.substr(1) : std::string_view();
        for (const Type& type : kTypes) {
            if (type.letters == letters) return type.element;
        }
        if (letters.starts_with('O')) {
            fail(ErrorKind::input,
                 "{}: the .npy file holds pickled objects, which are never loaded", name_);
        }
        fail(ErrorKind::input,
             "{}: .npy type '{}' is not read; bool, uint8, uint16, int16, float16, float32 and "
             "float64 are: array.astype(np.float32)",
             name_, printable(descr.substr(0, 16)));
    }

    std::string_view rest_;
    const std::string& name_;
    std::optional<std::string_view> descr_;
    std::optional<bool> fortran_;
    std::optional<std::vector<std::int64_t>> dims_;
};

std::int64_t product(const std::vector<std::int64_t>& dims) {
    std::int64_t count = 1;
    for (const std::int64_t size : dims) count *= size;
    return count;
}

std::uint32_t little_endian(std::span<const std::byte> bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) {
        value = value << 8 | std::to_integer<std::uint32_t>(bytes[i]);
    }
    return value;
}

/// Offset and length of the header text.
std::pair<std::size_t, std::size_t> header_place(std::span<const std::byte> bytes,
                                                 const std::string& name) {
    if (bytes.size() < kMagic.size() ||
        std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0) {
        fail(ErrorKind::input, "{}: not a .npy file", name);
    }
    const unsigned version = bytes.size() > 6 ? std::to_integer<unsigned>(bytes[6]) : 0;
    if (version < 1 || version > 3) {
        fail(ErrorKind::input, "{}: .npy version {} is not known, 1.0 to 3.0 are", name, version);
    }
    const std::size_t length_bytes = version == 1 ? 2 : 4;
    const std::size_t start = 8 + length_bytes;
    const std::size_t length =
        bytes.size() < start ? 0 : little_endian(bytes.subspan(8, length_bytes));
    if (length == 0 || length > kLargestHeader || bytes.size() - start < length) {
        fail(ErrorKind::input, "{}: the .npy header claims {} bytes, which the file does not hold",
             name, length);
    }
    return {start, length};
}

/// IEEE 754 binary16: a sign, 5 bits of exponent and 10 of fraction.
float half_to_float(std::uint16_t half) {
    const int exponent = half >> 10 & 31, fraction = half & 1023;
    const float sign = (half & 0x8000) != 0 ? -1.0F : 1.0F;
    if (exponent == 31) {
        return fraction == 0 ? sign * std::numeric_limits<float>::infinity()
                             : std::numeric_limits<float>::quiet_NaN();
    }
    return exponent == 0 ? sign * std::ldexp(static_cast<float>(fraction), -24)
                         : sign * std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
}

/// Calls `body` with the values as a pointer to their type, and what makes a number of one.
template <typename Body>
void with_values(NpyElement element, const void* values, const Body& body) {
    const auto number = [](auto x) { return x; };
    switch (element) {
        case NpyElement::u8:
            return body(static_cast<const std::uint8_t*>(values), number);
        case NpyElement::u16:
            return body(static_cast<const std::uint16_t*>(values), number);
        case NpyElement::f32:
            return body(static_cast<const float*>(values), number);
        case NpyElement::f64:
            return body(static_cast<const double*>(values), number);
        case NpyElement::i16:
            return body(static_cast<const std::int16_t*>(values), number);
        case NpyElement::boolean:
            return body(static_cast<const std::uint8_t*>(values),
                        [](std::uint8_t x) { return x != 0 ? 1 : 0; });
        case NpyElement::f16:
            break;
    }
    body(static_cast<const std::uint16_t*>(values), half_to_float);
}

}  // namespace

std::int64_t NpyHeader::count() const {
    return product(dims);
}

std::int64_t NpyHeader::data_bytes() const {
    return count() * static_cast<std::int64_t>(element_bytes(element));
}

std::int64_t NpyArray::count() const {
    return product(dims);
}

NpyHeader parse_npy_header(std::span<const std::byte> bytes, const std::string& name,
                           std::optional<std::int64_t> file_bytes) {
    const auto [start, length] = header_place(bytes, name);
    const auto* text = reinterpret_cast<const char*>(bytes.data()) + start;
    NpyHeader header = HeaderText({text, length}, name).parse();
    header.data_offset = start + length;
    std::int64_t needed = static_cast<std::int64_t>(element_bytes(header.element));
    for (const std::int64_t size : header.dims) {
        if (__builtin_mul_overflow(needed, size, &needed)) {
            fail(ErrorKind::input, "{}: the .npy shape ({}) is too large to count", name,
                 fmt::join(header.dims, ", "));
        }
    }
    const std::int64_t present = file_bytes.value_or(static_cast<std::int64_t>(bytes.size())) -
                                 static_cast<std::int64_t>(header.data_offset);
    if (present < needed) {
        fail(ErrorKind::input,
             "{}: the .npy shape ({}) needs {} bytes of values, the file holds {}", name,
             fmt::join(header.dims, ", "), needed, present);
    }
    return header;
}

NpyArray parse_npy(std::span<const std::byte> bytes, const std::string& name) {
    const NpyHeader header = parse_npy_header(bytes, name);
    auto buffer = std::make_shared<AlignedBuffer<std::byte>>(header.data_bytes());
    std::memcpy(buffer->data(), bytes.data() + header.data_offset,
                static_cast<std::size_t>(header.data_bytes()));
    if (header.big_endian) {
        swap_element_bytes(buffer->data(), header.count(), element_bytes(header.element));
    }
    void* data = buffer->data();
    return {header.element, header.dims, std::shared_ptr<void>(std::move(buffer), data)};
}

void swap_element_bytes(void* values, std::int64_t count, std::size_t bytes_each) {
    auto* byte = static_cast<std::uint8_t*>(values);
    for (std::int64_t i = 0; i < count; ++i, byte += bytes_each) {
        std::reverse(byte, byte + bytes_each);
    }
}

void npy_to_floats(NpyElement element, const void* values, std::int64_t count, float* to) {
    with_values(element, values, [&](const auto* from, const auto& number) {
        for (std::int64_t i = 0; i < count; ++i) to[i] = static_cast<float>(number(from[i]));
    });
}

std::vector<double> npy_to_doubles(const NpyArray& array) {
    std::vector<double> doubles;
    with_values(array.element, array.data.get(), [&](const auto* values, const auto& number) {
        for (std::int64_t i = 0; i < array.count(); ++i)
            doubles.push_back(static_cast<double>(number(values[i])));
    });
    return doubles;
}

std::string npy_header(NpyElement element, std::span<const std::int64_t> dims) {
    constexpr std::array kDescr = {"|u1", "<u2", "<f4", "<f8", "<i2", "|b1", "<f2"};
    std::string dict = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}",
                                   kDescr[static_cast<std::size_t>(element)], fmt::join(dims, ", "),
                                   dims.size() == 1 ? "," : "");
    constexpr std::size_t kFixed = 10;  // magic, version and length
    const auto size =
        static_cast<std::size_t>(round_up(static_cast<std::int64_t>(kFixed + dict.size() + 1), 64));
    dict.resize(size - kFixed - 1, ' ');
    dict += '\n';
    std::string header(kMagic);
    header +=
        {'\1', '\0', static_cast<char>(dict.size() & 0xff), static_cast<char>(dict.size() >> 8)};
    return header + dict;
}

}  // namespace conv
