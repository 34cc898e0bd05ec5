#include "files/tiff_tags.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <numeric>

namespace conv {
namespace {

constexpr std::uint16_t kGdalNodata = 42113;

template <typename Value>
TiffField field_of(TiffType type, const std::vector<Value>& values) {
    TiffField field;
    field.type = type;
    field.count = static_cast<std::int64_t>(values.size());
    field.bytes.resize(values.size() * sizeof(Value));
    if (!values.empty()) std::memcpy(field.bytes.data(), values.data(), field.bytes.size());
    return field;
}

/// Appends `each` of the values that `bytes` holds as Value, `parts` at a time.
template <typename Value>
std::vector<double> numbers_of(const std::vector<std::uint8_t>& bytes) {
    std::vector<double> numbers(bytes.size() / sizeof(Value));
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        Value value;
        std::memcpy(&value, bytes.data() + i * sizeof(Value), sizeof(Value));
        numbers[i] = static_cast<double>(value);
    }
    return numbers;
}

std::vector<double> quotients(const std::vector<double>& parts) {
    std::vector<double> numbers;
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2)
        numbers.push_back(parts[i] / parts[i + 1]);
    return numbers;
}

}  // namespace

std::int64_t tiff_type_bytes(TiffType type) {
    switch (type) {
        case TiffType::byte:
        case TiffType::ascii:
        case TiffType::sbyte:
        case TiffType::undefined:
            return 1;
        case TiffType::short16:
        case TiffType::sshort:
            return 2;
        case TiffType::long32:
        case TiffType::slong:
        case TiffType::float32:
        case TiffType::ifd:
            return 4;
        case TiffType::rational:
        case TiffType::srational:
        case TiffType::float64:
        case TiffType::long64:
        case TiffType::slong64:
        case TiffType::ifd64:
            return 8;
    }
    return 0;
}

std::vector<double> TiffField::numbers() const {
    switch (type) {
        case TiffType::byte:
            return numbers_of<std::uint8_t>(bytes);
        case TiffType::sbyte:
            return numbers_of<std::int8_t>(bytes);
        case TiffType::short16:
            return numbers_of<std::uint16_t>(bytes);
        case TiffType::sshort:
            return numbers_of<std::int16_t>(bytes);
        case TiffType::long32:
        case TiffType::ifd:
            return numbers_of<std::uint32_t>(bytes);
        case TiffType::slong:
            return numbers_of<std::int32_t>(bytes);
        case TiffType::rational:
            return quotients(numbers_of<std::uint32_t>(bytes));
        case TiffType::srational:
            return quotients(numbers_of<std::int32_t>(bytes));
        case TiffType::float32:
            return numbers_of<float>(bytes);
        case TiffType::float64:
            return numbers_of<double>(bytes);
        case TiffType::long64:
        case TiffType::ifd64:
            return numbers_of<std::uint64_t>(bytes);
        case TiffType::slong64:
            return numbers_of<std::int64_t>(bytes);
        case TiffType::ascii:
        case TiffType::undefined:
            break;
    }
    return {};
}

std::optional<std::uint64_t> TiffField::whole_number() const {
    const std::vector<double> values = numbers();
    constexpr double kMost = 9e15;  // whole numbers are exact up to here
    if (values.empty() || !(values[0] >= 0 && values[0] <= kMost)) return std::nullopt;
    return static_cast<std::uint64_t>(values[0]);
}

std::string TiffField::text() const {
    return {bytes.begin(), std::find(bytes.begin(), bytes.end(), 0)};
}

TiffField TiffField::of_text(const std::string& text) {
    std::vector<std::uint8_t> bytes(text.begin(), text.end());
    bytes.push_back(0);
    return of_bytes(std::move(bytes), TiffType::ascii);
}

TiffField TiffField::of_doubles(const std::vector<double>& values) {
    return field_of(TiffType::float64, values);
}

TiffField TiffField::of_shorts(const std::vector<std::uint16_t>& values) {
    return field_of(TiffType::short16, values);
}

TiffField TiffField::of_longs(const std::vector<std::uint32_t>& values) {
    return field_of(TiffType::long32, values);
}

TiffField TiffField::of_longs64(const std::vector<std::uint64_t>& values) {
    return field_of(TiffType::long64, values);
}

TiffField TiffField::of_rational(double value) {
    // The largest power of ten that leaves both parts in 32 bits keeps decimal values exact.
    double denominator = 1;
    while (value * denominator != std::round(value * denominator) &&
           value * denominator * 10 < 4e9 && denominator < 1e9) {
        denominator *= 10;
    }
    std::uint32_t above = static_cast<std::uint32_t>(std::min(value * denominator + 0.5, 4e9));
    auto below = static_cast<std::uint32_t>(denominator);
    const std::uint32_t divisor = std::max<std::uint32_t>(std::gcd(above, below), 1);
    TiffField field =
        field_of<std::uint32_t>(TiffType::rational, {above / divisor, below / divisor});
    field.count = 1;
    return field;
}

TiffField TiffField::of_bytes(std::vector<std::uint8_t> bytes, TiffType type) {
    TiffField field;
    field.type = type;
    field.count =
        static_cast<std::int64_t>(bytes.size()) / std::max<std::int64_t>(tiff_type_bytes(type), 1);
    field.bytes = std::move(bytes);
    return field;
}

std::string TiffTags::names_beside_exif() const {
    constexpr std::uint16_t kFirstPrivate = 32768, kCopyright = 33432;
    static const std::map<std::uint16_t, const char*> groups = {
        {33550, "GeoTIFF"},       {33922, "GeoTIFF"},      {34264, "GeoTIFF"},
        {34735, "GeoTIFF"},       {34736, "GeoTIFF"},      {34737, "GeoTIFF"},
        {42112, "GDAL's tags"},   {42113, "GDAL's tags"},  {50844, "GeoTIFF"},
        {50838, "ImageJ's tags"}, {50839, "ImageJ's tags"}};
    std::string names, last;
    for (const auto& [tag, field] : fields) {
        if (tag < kFirstPrivate || tag == kCopyright) continue;
        const auto group = groups.find(tag);
        const std::string name =
            group == groups.end() ? "tag " + std::to_string(tag) : group->second;
        if (name != last) names += (names.empty() ? "" : ", ") + name;
        last = name;
    }
    return names;
}

std::optional<std::string> TiffTags::nodata_text() const {
    const auto field = fields.find(kGdalNodata);
    if (field == fields.end()) return std::nullopt;
    const std::string text = field->second.text();
    const std::size_t first = text.find_first_not_of(' ');
    if (first == text.npos) return std::nullopt;
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::optional<double> TiffTags::nodata() const {
    const std::optional<std::string> text = nodata_text();
    if (!text) return std::nullopt;
    char* end = nullptr;
    const double value = std::strtod(text->c_str(), &end);
    if (end == text->c_str() || *end != '\0') return std::nullopt;
    return value;
}

}  // namespace conv
