#include "files/exif.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

namespace conv {
namespace {

constexpr std::size_t kEntryBytes = 12;

enum Tag : unsigned {
    kImageWidth = 0x100,
    kImageLength = 0x101,
    kStripOffsets = 0x111,
    kOrientation = 0x112,
    kStripByteCounts = 0x117,
    kThumbnailOffset = 0x201,
    kThumbnailLength = 0x202,
    kExifDirectory = 0x8769,
    kGpsDirectory = 0x8825,
    kPixelXDimension = 0xa002,
    kPixelYDimension = 0xa003,
    kInteroperability = 0xa005
};
enum FieldType : unsigned { kShort = 3, kLong = 4 };

/// The numbers of a block in its byte order. Reads past the end give 0.
class Block {
public:
    explicit Block(std::vector<std::uint8_t>& bytes)
        : bytes_(bytes), big_(!bytes.empty() && bytes[0] == 'M') {}

    std::size_t size() const { return bytes_.size(); }
    bool has_header() const {
        return size() >= 8 && (bytes_[0] == 'I' || big_) && bytes_[1] == bytes_[0] &&
               number(2, 2) == 42;
    }
    std::size_t number(std::size_t at, std::size_t count) const {
        if (at > size() || size() - at < count) return 0;
        std::size_t value = 0;
        for (std::size_t i = 0; i < count; ++i)
            value |= std::size_t{bytes_[at + i]} << shift(i, count);
        return value;
    }
    void put(std::size_t at, std::size_t count, std::size_t value) {
        if (at > size() || size() - at < count) return;
        for (std::size_t i = 0; i < count; ++i)
            bytes_[at + i] = static_cast<std::uint8_t>(value >> shift(i, count));
    }

private:
    std::size_t shift(std::size_t i, std::size_t count) const {
        return 8 * (big_ ? count - 1 - i : i);
    }
    std::vector<std::uint8_t>& bytes_;
    bool big_;
};

/// One directory: a count, entries of 12 bytes, the offset of the next.
struct Directory {
    std::size_t at = 0, count = 0;
    std::size_t entry(std::size_t i) const { return at + 2 + i * kEntryBytes; }
    std::size_t next_field() const { return entry(count); }
};

std::optional<Directory> directory_at(const Block& block, std::size_t at) {
    const Directory found{at, block.number(at, 2)};
    if (at < 8 || found.count == 0 || found.next_field() + 4 > block.size()) return std::nullopt;
    return found;
}

std::optional<std::size_t> find(const Block& block, const Directory& directory, Tag tag) {
    for (std::size_t i = 0; i < directory.count; ++i) {
        if (block.number(directory.entry(i), 2) == tag) return directory.entry(i);
    }
    return std::nullopt;
}

/// A number of type SHORT or LONG; 0 for others.
std::size_t value_of(const Block& block, std::size_t entry) {
    const std::size_t type = block.number(entry + 2, 2);
    return type == kShort  ? block.number(entry + 8, 2)
           : type == kLong ? block.number(entry + 8, 4)
                           : 0;
}

void set_value(Block& block, std::size_t entry, std::size_t value) {
    if (block.number(entry + 2, 2) == kShort && value > 0xffff) block.put(entry + 2, 2, kLong);
    const bool is_short = block.number(entry + 2, 2) == kShort;
    block.put(entry + 8, 4, 0);
    block.put(entry + 8, is_short ? 2 : 4, value);
}

std::optional<Directory> directory_named(const Block& block, const Directory& in, Tag tag) {
    const auto entry = find(block, in, tag);
    return entry ? directory_at(block, value_of(block, *entry)) : std::nullopt;
}

struct ByteRange {
    std::size_t begin = 0, count = 0;
};

/// Where the values of a directory, and itself, end.
std::size_t end_of(const Block& block, const Directory& directory) {
    constexpr std::array<std::size_t, 13> kTypeBytes = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8};
    std::size_t end = directory.next_field() + 4;
    for (std::size_t i = 0; i < directory.count; ++i) {
        const std::size_t entry = directory.entry(i), type = block.number(entry + 2, 2);
        const std::size_t bytes =
            type < kTypeBytes.size() ? kTypeBytes[type] * block.number(entry + 4, 4) : 0;
        if (bytes > 4) end = std::max(end, block.number(entry + 8, 4) + bytes);
    }
    return end;
}

/// Where everything but the thumbnail ends.
std::size_t end_without_thumbnail(const Block& block, const Directory& first) {
    std::size_t end = end_of(block, first);
    for (const Tag tag : {kExifDirectory, kGpsDirectory}) {
        const auto inner = directory_named(block, first, tag);
        if (!inner) continue;
        end = std::max(end, end_of(block, *inner));
        const auto innermost = directory_named(block, *inner, kInteroperability);
        if (innermost) end = std::max(end, end_of(block, *innermost));
    }
    return end;
}

/// Where a directory says that its picture lies; empty where it names none.
ByteRange picture_of(const Block& block, const Directory& directory) {
    for (const auto& [where, length] : {std::pair{kThumbnailOffset, kThumbnailLength},
                                        std::pair{kStripOffsets, kStripByteCounts}}) {
        const auto offset = find(block, directory, where), count = find(block, directory, length);
        if (!offset || !count) continue;
        const std::size_t begin = std::min(value_of(block, *offset), block.size());
        return {begin, std::min(value_of(block, *count), block.size() - begin)};
    }
    return {};
}

/// Takes the second directory, which describes the thumbnail, out of the chain. Its picture is cut
/// off where nothing lies behind it, else its bytes become zeros: maker notes may point anywhere,
/// so that nothing may move.
void remove_thumbnail(std::vector<std::uint8_t>& exif, Block& block, const Directory& first) {
    const auto second = directory_at(block, block.number(first.next_field(), 4));
    block.put(first.next_field(), 4, 0);
    if (!second) return;
    const ByteRange picture = picture_of(block, *second);
    const std::size_t kept = end_without_thumbnail(block, first);
    if (picture.count == 0 || picture.begin < kept) return;
    std::fill_n(exif.begin() + static_cast<std::ptrdiff_t>(picture.begin), picture.count,
                std::uint8_t{0});
    const std::size_t end = picture.begin + picture.count;
    constexpr std::size_t kPadding = 3;  // writers round the block's length up
    if (end + kPadding >= exif.size()) exif.resize(picture.begin);
}

}  // namespace

int reset_exif_orientation(std::vector<std::uint8_t>& exif) {
    if (exif.empty()) return 1;
    Block block(exif);
    const auto first = block.has_header() ? directory_at(block, block.number(4, 4)) : std::nullopt;
    if (!first) {
        exif.clear();
        return 1;
    }
    int orientation = 1;
    if (const auto entry = find(block, *first, kOrientation)) {
        orientation = static_cast<int>(value_of(block, *entry));
        set_value(block, *entry, 1);
    }
    remove_thumbnail(exif, block, *first);
    return orientation;
}

void set_exif_size(std::vector<std::uint8_t>& exif, std::int64_t width, std::int64_t height) {
    Block block(exif);
    const auto first = block.has_header() ? directory_at(block, block.number(4, 4)) : std::nullopt;
    if (!first) return;
    const auto set = [&](const Directory& directory, Tag tag, std::int64_t value) {
        if (const auto entry = find(block, directory, tag))
            set_value(block, *entry, static_cast<std::size_t>(value));
    };
    set(*first, kImageWidth, width);
    set(*first, kImageLength, height);
    if (const auto inner = directory_named(block, *first, kExifDirectory)) {
        set(*inner, kPixelXDimension, width);
        set(*inner, kPixelYDimension, height);
    }
}

}  // namespace conv
