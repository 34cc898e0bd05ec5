#include "files/photoshop_resources.hpp"

namespace conv {
namespace {

enum Resource : unsigned { kIptc = 0x0404, kOldThumbnail = 0x0409, kThumbnail = 0x040c };

}  // namespace

PhotoshopResources parse_photoshop_resources(ByteView blocks) {
    PhotoshopResources found;
    const auto number = [&](std::size_t at, std::size_t count) {
        std::size_t value = 0;
        for (std::size_t i = 0; i < count; ++i) value = value << 8 | blocks[at + i];
        return value;
    };
    constexpr std::size_t kSmallest = 12;  // magic, number, an empty name, size
    for (std::size_t at = 0; has_at(blocks, at, "8BIM") && blocks.size() - at >= kSmallest;) {
        const std::size_t name = (std::size_t{blocks[at + 6]} + 2) & ~std::size_t{1};
        const std::size_t size_at = at + 6 + name;
        if (size_at > blocks.size() || blocks.size() - size_at < 4) break;
        const std::size_t size = number(size_at, 4), data = size_at + 4;
        if (blocks.size() - data < size) break;
        const std::size_t end = std::min(data + size + size % 2, blocks.size());
        const std::size_t id = number(at + 4, 2);
        const ByteView kept =
            id == kIptc ? blocks.subspan(data, size) : blocks.subspan(at, end - at);
        std::vector<std::uint8_t>& into = id == kIptc ? found.iptc : found.others;
        if (id != kOldThumbnail && id != kThumbnail)
            into.insert(into.end(), kept.begin(), kept.end());
        at = end;
    }
    return found;
}

std::vector<std::uint8_t> iptc_resource(ByteView records) {
    std::vector<std::uint8_t> block = {'8', 'B', 'I', 'M', kIptc >> 8, kIptc & 0xff, 0, 0};
    for (int shift = 24; shift >= 0; shift -= 8)
        block.push_back(static_cast<std::uint8_t>(records.size() >> shift));
    block.insert(block.end(), records.begin(), records.end());
    if (records.size() % 2 != 0) block.push_back(0);
    return block;
}

}  // namespace conv
