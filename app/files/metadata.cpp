#include "files/metadata.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace conv {
namespace {

void add_name(std::string& list, std::string_view name) {
    list += (list.empty() ? "" : ", ") + std::string(name);
}

/// "text (Title, Author)": the texts that are not held.
std::string text_names(const Metadata& metadata, const MetadataHolds& holds) {
    std::string names;
    for (const TextEntry& entry : metadata.texts) {
        if (!holds.comments || entry.keyword != "Comment") add_name(names, entry.keyword);
    }
    return names.empty() ? "" : "text (" + names + ")";
}

/// "PNG oFFs, tIME": the blocks of other formats.
std::string foreign_blocks(const Metadata& metadata, const std::string& format) {
    std::string names, last;
    for (const FormatBlock& block : metadata.blocks) {
        const bool own = block.format == format || block.name.empty();
        if (own || names.find(block.name) != names.npos) continue;
        std::string owner = block.format;
        std::transform(owner.begin(), owner.end(), owner.begin(),
                       [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        add_name(names, owner == last ? block.name : owner + " " + block.name);
        last = owner;
    }
    return names;
}

}  // namespace

Metadata Metadata::stripped() const {
    Metadata kept;
    kept.coding = coding;
    kept.grid = grid;
    std::copy_if(blocks.begin(), blocks.end(), std::back_inserter(kept.blocks),
                 [](const FormatBlock& block) { return block.name.empty(); });
    return kept;
}

void note_not_carried(const Metadata& metadata, std::string_view format, const MetadataHolds& holds,
                      std::vector<std::string>& notes) {
    std::string lost;
    if (!metadata.icc_profile.empty() && !holds.icc_profile) add_name(lost, "colour profile");
    if (!metadata.exif.empty() && !holds.exif) add_name(lost, "EXIF");
    if (!metadata.xmp.empty() && !holds.xmp) add_name(lost, "XMP");
    if (!metadata.iptc.empty() && !holds.iptc) add_name(lost, "IPTC");
    if (!metadata.colour.empty() && !holds.colour) {
        // sRGB is what pictures without any statement are taken for.
        const ColourTags& colour = metadata.colour;
        if (!colour.srgb_intent || colour.cicp) {
            add_name(lost, colour.cicp ? "cICP" : "gamma and primaries");
        }
    }
    const std::string texts = holds.texts ? "" : text_names(metadata, holds);
    if (!texts.empty()) add_name(lost, texts);
    std::string word(format);
    std::transform(word.begin(), word.end(), word.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const std::string tags =
        metadata.tiff && word != "tiff" ? metadata.tiff->names_beside_exif() : "";
    if (!tags.empty()) add_name(lost, tags);
    const std::string blocks = foreign_blocks(metadata, word);
    if (!blocks.empty()) add_name(lost, blocks);
    notes.insert(notes.end(), metadata.losses.begin(), metadata.losses.end());
    if (!lost.empty()) notes.push_back(fmt::format("{} carries no {}: left out", format, lost));
}

void note_once(std::vector<std::string>& notes, const std::string& note) {
    if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(note);
}

void note_late(const Metadata& metadata, std::string_view format, std::vector<std::string>& notes) {
    if (!metadata.late || !metadata.late->has_blocks()) return;
    std::vector<std::string> names;
    note_not_carried(*metadata.late, format, {}, names);
    for (const std::string& name : names)
        notes.push_back("after the samples of a pipe, too late: " + name);
}

std::string icc_colour_space(const std::vector<std::uint8_t>& profile) {
    constexpr std::size_t kPlace = 16, kHeader = 128;
    if (profile.size() < kHeader) return "";
    return {profile.begin() + kPlace, profile.begin() + kPlace + 4};
}

}  // namespace conv
