#include "files/formats/tiff/page_list.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "base/error.hpp"
#include "base/size.hpp"
#include "files/formats/tiff/tag_fates.hpp"

namespace conv {
namespace {

constexpr std::size_t kMostDirectories = 65535;

bool has_sensor_samples(const DirectoryParser& parser, const TiffEntries& entries) {
    constexpr std::uint64_t kLinearRaw = 34892;
    const std::uint64_t photometric = parser.number(entries, TIFFTAG_PHOTOMETRIC, 0);
    return photometric == PHOTOMETRIC_CFA || photometric == kLinearRaw;
}

bool is_reduced(const DirectoryParser& parser, const TiffEntries& entries) {
    const std::uint64_t kind = parser.number(entries, kTagNewSubfileType, 0);
    return (kind & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)) != 0;
}

/// Whether a directory holds, or points to, what a camera's sensor saw.
bool is_photograph(const DirectoryParser& parser, const TiffEntries& entries) {
    if (entries.find(kTagDngVersion) || has_sensor_samples(parser, entries)) return true;
    const std::optional<TiffField> below = parser.field(entries, kTagSubIfds);
    if (!below) return false;
    for (const double offset : below->numbers()) {
        const auto inner = parser.entries(static_cast<std::uint64_t>(offset));
        if (inner && (has_sensor_samples(parser, *inner) ||
                      (is_reduced(parser, entries) && !is_reduced(parser, *inner)))) {
            return true;
        }
    }
    return false;
}

void refuse_photographs(const TiffBytes& bytes, const DirectoryParser& parser,
                        const TiffEntries& entries) {
    std::array<std::uint8_t, 2> maker{};
    constexpr std::int64_t kAfterHeader = 8;
    bytes.read_at(kAfterHeader, maker.data(), maker.size());
    const bool canon = maker[0] == 'C' && maker[1] == 'R';
    if (!canon && !is_photograph(parser, entries)) return;
    fail(ErrorKind::unsupported,
         "{}: is a raw photograph (DNG or a camera's own TIFF), whose plain picture is only a "
         "thumbnail; develop it into a TIFF, PNG or JPEG first",
         bytes.name());
}

/// The pages of a stack that ImageJ wrote with one directory: `images=N`, sample after sample.
std::int64_t imagej_images(const DirectoryParser& parser, const TiffEntries& entries) {
    const std::optional<TiffField> field = parser.field(entries, kTagImageDescription);
    const std::string text = field ? field->text() : "";
    constexpr std::string_view kKey = "\nimages=";
    const std::size_t at = text.find(kKey);
    if (!text.starts_with("ImageJ=") || at == text.npos) return 1;
    std::int64_t images = 1;
    std::from_chars(text.data() + at + kKey.size(), text.data() + text.size(), images);
    const bool plain = parser.number(entries, TIFFTAG_COMPRESSION, 1) == COMPRESSION_NONE;
    return plain && !entries.find(TIFFTAG_TILEWIDTH) ? images : 1;
}

void add_stack(const TiffBytes& bytes, const DirectoryParser& parser, const TiffEntries& entries,
               std::vector<TiffPageEntry>& pages) {
    const std::int64_t images = imagej_images(parser, entries);
    if (images < 2 || images > std::int64_t{1} << 24) return;
    const auto number = [&](std::uint16_t tag, std::uint64_t otherwise) {
        return static_cast<std::int64_t>(
            std::min<std::uint64_t>(parser.number(entries, tag, otherwise), INT32_MAX));
    };
    const std::int64_t samples =
        checked_product({number(TIFFTAG_IMAGEWIDTH, 0), number(TIFFTAG_IMAGELENGTH, 0),
                         number(TIFFTAG_SAMPLESPERPIXEL, 1), number(TIFFTAG_BITSPERSAMPLE, 1)},
                        bytes.name());
    const std::int64_t each = samples / 8, first = number(TIFFTAG_STRIPOFFSETS, 0);
    if (each < 1 || samples % 8 != 0) return;
    if ((bytes.size() - first) / each < images) {
        fail(ErrorKind::input, "{}: the TIFF is truncated: ImageJ says that it holds {} pictures",
             bytes.name(), images);
    }
    for (std::int64_t i = 1; i < images; ++i) pages.push_back({pages[0].directory, i * each});
}

}  // namespace

TiffPageList list_tiff_pages(const TiffBytes& bytes, const DirectoryParser& parser) {
    TiffPageList list;
    std::set<std::uint64_t> seen;
    std::optional<TiffEntries> entries;
    for (std::uint64_t offset = parser.first(); offset != 0; offset = entries->next) {
        entries = parser.entries(offset);
        if (!entries || !seen.insert(offset).second || seen.size() > kMostDirectories) {
            fail(ErrorKind::input, "{}: the TIFF is damaged: its directories {}", bytes.name(),
                 entries ? "have no end" : "break off");
        }
        refuse_photographs(bytes, parser, *entries);
        if (is_reduced(parser, *entries))
            list.has_others = true;
        else
            list.pages.push_back({offset, 0});
    }
    if (list.pages.empty()) list.pages.push_back({parser.first(), 0});
    if (seen.size() == 1) add_stack(bytes, parser, *parser.entries(parser.first()), list.pages);
    return list;
}

}  // namespace conv
