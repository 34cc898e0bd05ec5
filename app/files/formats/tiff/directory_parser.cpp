#include "files/formats/tiff/directory_parser.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "base/error.hpp"

namespace conv {
namespace {

/// The unit in which a type's bytes are exchanged: rationals are two numbers.
std::size_t number_bytes(TiffType type) {
    const bool pair = type == TiffType::rational || type == TiffType::srational;
    return static_cast<std::size_t>(tiff_type_bytes(type)) / (pair ? 2 : 1);
}

}  // namespace

const TiffEntry* TiffEntries::find(std::uint16_t tag) const {
    const auto found = std::find_if(entries.begin(), entries.end(),
                                    [&](const TiffEntry& entry) { return entry.tag == tag; });
    return found == entries.end() ? nullptr : &*found;
}

DirectoryParser::DirectoryParser(const TiffBytes& bytes) : bytes_(bytes) {
    std::array<std::uint8_t, 16> head{};
    const std::size_t held = bytes.read_at(0, head.data(), head.size());
    big_endian_ = head[0] == 'M';
    big_ = number_at(&head[2], 2) == TIFF_VERSION_BIG;
    if (held < (big_ ? 16U : 8U)) {
        fail(ErrorKind::input, "{}: the TIFF is damaged: it ends in its header", bytes.name());
    }
    first_ = big_ ? number_at(&head[8], 8) : number_at(&head[4], 4);
}

std::uint64_t DirectoryParser::number_at(const std::uint8_t* at, std::size_t count) const {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        value |= std::uint64_t{at[i]} << 8 * (big_endian_ ? count - 1 - i : i);
    }
    return value;
}

std::optional<TiffEntries> DirectoryParser::entries(std::uint64_t offset) const {
    const std::size_t count_bytes = big_ ? 8 : 2, entry_bytes = big_ ? 20 : 12;
    const std::size_t word = big_ ? 8 : 4;
    std::array<std::uint8_t, 8> counted{};
    const auto size = static_cast<std::uint64_t>(bytes_.size());
    if (offset == 0 || offset >= size) return std::nullopt;
    const auto at = static_cast<std::int64_t>(offset);
    if (bytes_.read_at(at, counted.data(), count_bytes) < count_bytes) return std::nullopt;
    const std::uint64_t count = number_at(counted.data(), count_bytes);
    constexpr std::uint64_t kMostEntries = 65535;
    if (count == 0 || count > kMostEntries) return std::nullopt;
    std::vector<std::uint8_t> table(count * entry_bytes + word);
    const std::uint64_t start = offset + count_bytes;
    const std::size_t got =
        bytes_.read_at(static_cast<std::int64_t>(start), table.data(), table.size());
    if (got < count * entry_bytes) return std::nullopt;
    TiffEntries found;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint8_t* entry = &table[i * entry_bytes];
        TiffEntry read{static_cast<std::uint16_t>(number_at(entry, 2)),
                       static_cast<TiffType>(number_at(entry + 2, 2)), number_at(entry + 4, word),
                       start + i * entry_bytes + 4 + word};
        const auto each = static_cast<std::uint64_t>(tiff_type_bytes(read.type));
        if (each > 0 && read.count > word / each) read.value_at = number_at(entry + 4 + word, word);
        found.entries.push_back(read);
    }
    found.next = got == table.size() ? number_at(&table[count * entry_bytes], word) : 0;
    return found;
}

std::optional<TiffField> DirectoryParser::field(const TiffEntry& entry) const {
    const auto each = static_cast<std::uint64_t>(tiff_type_bytes(entry.type));
    const auto size = static_cast<std::uint64_t>(bytes_.size());
    if (each == 0 || entry.count > kMostTagBytes / each || entry.value_at > size)
        return std::nullopt;
    TiffField field;
    field.type = entry.type;
    field.count = static_cast<std::int64_t>(entry.count);
    field.bytes.resize(entry.count * each);
    if (bytes_.read_at(static_cast<std::int64_t>(entry.value_at), field.bytes.data(),
                       field.bytes.size()) < field.bytes.size()) {
        return std::nullopt;
    }
    const bool foreign = big_endian_ != (std::endian::native == std::endian::big);
    const std::size_t number = number_bytes(entry.type);
    for (std::size_t i = 0; foreign && number > 1 && i < field.bytes.size(); i += number) {
        std::reverse(&field.bytes[i], &field.bytes[i] + number);
    }
    return field;
}

std::optional<TiffField> DirectoryParser::field(const TiffEntries& entries,
                                                std::uint16_t tag) const {
    const TiffEntry* entry = entries.find(tag);
    return entry ? field(*entry) : std::nullopt;
}

std::uint64_t DirectoryParser::number(const TiffEntries& entries, std::uint16_t tag,
                                      std::uint64_t otherwise) const {
    const std::optional<TiffField> value = field(entries, tag);
    return value ? value->whole_number().value_or(otherwise) : otherwise;
}

}  // namespace conv
