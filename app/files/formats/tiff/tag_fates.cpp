#include "files/formats/tiff/tag_fates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace conv {
namespace {

/// Sizes, sample formats, strips, tiles, compression and what belongs to it, colours.
constexpr std::array<std::uint16_t, 52> kRebuilt = {
    255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 274, 277, 278,   279,   284,  290, 291,
    292, 293, 317, 320, 321, 322, 323, 324, 325, 326, 327, 328, 338, 339,   343,   344,  347, 512,
    513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532, 559, 32995, 32996, 32997};

constexpr std::array<std::uint16_t, 5> kApart = {kTagXmp, kTagIptc, kTagIccProfile, kTagExifIfd,
                                                 kTagGpsIfd};

const std::map<std::uint16_t, const char*>& lost_tags() {
    static const std::map<std::uint16_t, const char*> tags = {
        {280, "the smallest sample value"}, {281, "the largest sample value"},
        {340, "the smallest sample value"}, {341, "the largest sample value"},
        {330, "reduced pictures"},          {kTagMakerNote, "the camera maker's note"},
        {37724, "the layers of Photoshop"}, {400, "a global parameters directory"},
        {34232, "the marks of samples"}};
    return tags;
}

template <std::size_t Count>
bool holds(const std::array<std::uint16_t, Count>& tags, std::uint16_t tag) {
    return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

}  // namespace

TagFate fate_of(std::uint16_t tag) {
    if (holds(kRebuilt, tag)) return TagFate::rebuilt;
    if (holds(kApart, tag)) return TagFate::apart;
    return lost_tags().contains(tag) ? TagFate::lost : TagFate::carried;
}

std::string tag_words(std::uint16_t tag) {
    const auto found = lost_tags().find(tag);
    return found == lost_tags().end() ? fmt::format("tag {}", tag)
                                      : fmt::format("{} (tag {})", found->second, tag);
}

}  // namespace conv
