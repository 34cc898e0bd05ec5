#include "files/formats/tiff/directory_writer.hpp"

#include <algorithm>
#include <bit>

namespace conv {
namespace {

constexpr std::size_t kAlignment = 8;

std::size_t aligned(std::size_t bytes) {
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

void append(std::vector<std::uint8_t>& to, const std::vector<std::uint8_t>& bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

}  // namespace

std::vector<std::uint8_t> DirectoryWriter::number(std::uint64_t value, std::size_t count) const {
    std::vector<std::uint8_t> bytes(count);
    for (std::size_t i = 0; i < count; ++i) {
        bytes[big_endian_ ? count - 1 - i : i] = static_cast<std::uint8_t>(value >> 8 * i);
    }
    return bytes;
}

std::vector<std::uint8_t> DirectoryWriter::header(std::uint64_t first) const {
    const std::uint8_t order = big_endian_ ? 'M' : 'I';
    std::vector<std::uint8_t> bytes = {order, order};
    append(bytes, number(big_ ? 43 : 42, 2));
    if (big_) append(bytes, number(8, 2));
    if (big_) append(bytes, number(0, 2));
    append(bytes, number(first, word()));
    return bytes;
}

TiffField DirectoryWriter::offsets(const std::vector<std::uint64_t>& values) const {
    if (big_) return TiffField::of_longs64(values);
    return TiffField::of_longs({values.begin(), values.end()});
}

std::size_t DirectoryWriter::table_bytes(std::size_t entries) const {
    return (big_ ? 8 : 2) + entries * (4 + 2 * word()) + word();
}

std::size_t DirectoryWriter::next_place(const TiffDirectory& directory) const {
    return table_bytes(directory.fields.size() + directory.children.size()) - word();
}

std::size_t DirectoryWriter::own_bytes(const TiffFields& fields) const {
    std::size_t bytes = aligned(table_bytes(fields.size()));
    for (const auto& [tag, field] : fields) {
        if (field.bytes.size() > word()) bytes += aligned(field.bytes.size());
    }
    return bytes;
}

std::vector<std::uint8_t> DirectoryWriter::in_file_order(const TiffField& field) const {
    std::vector<std::uint8_t> bytes = field.bytes;
    const bool pair = field.type == TiffType::rational || field.type == TiffType::srational;
    const auto each = static_cast<std::size_t>(tiff_type_bytes(field.type)) / (pair ? 2 : 1);
    if (big_endian_ == (std::endian::native == std::endian::big)) return bytes;
    for (std::size_t i = 0; each > 1 && i + each <= bytes.size(); i += each) {
        std::reverse(&bytes[i], &bytes[i] + each);
    }
    return bytes;
}

std::vector<std::uint8_t> DirectoryWriter::own_part(const TiffFields& fields,
                                                    std::uint64_t at) const {
    std::vector<std::uint8_t> table = number(fields.size(), big_ ? 8 : 2), values;
    const std::size_t values_at = aligned(table_bytes(fields.size()));
    for (const auto& [tag, field] : fields) {
        append(table, number(tag, 2));
        append(table, number(static_cast<std::uint64_t>(field.type), 2));
        append(table, number(static_cast<std::uint64_t>(field.count), word()));
        std::vector<std::uint8_t> bytes = in_file_order(field);
        if (bytes.size() > word()) {
            append(table, number(at + values_at + values.size(), word()));
            bytes.resize(aligned(bytes.size()));
            append(values, bytes);
        } else {
            bytes.resize(word());
            append(table, bytes);
        }
    }
    table.resize(values_at);  // the next directory's offset is 0
    append(table, values);
    return table;
}

std::vector<std::uint8_t> DirectoryWriter::directory(const TiffDirectory& directory,
                                                     std::uint64_t at) const {
    TiffFields fields = directory.fields;
    for (const auto& [tag, child] : directory.children) fields[tag] = offsets({0});
    std::vector<std::uint8_t> below;
    const std::uint64_t below_at = at + own_bytes(fields);
    for (const auto& [tag, child] : directory.children) {
        fields[tag] = offsets({below_at + below.size()});
        append(below, this->directory(child, below_at + below.size()));
    }
    std::vector<std::uint8_t> bytes = own_part(fields, at);
    append(bytes, below);
    return bytes;
}

}  // namespace conv
