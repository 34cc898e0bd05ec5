#include "files/formats/exr/exr_header.hpp"

#include <OpenEXR/Iex.h>
#include <OpenEXR/ImfChannelList.h>
#include <OpenEXR/ImfOpaqueAttribute.h>
#include <OpenEXR/ImfStandardAttributes.h>
#include <OpenEXR/ImfVersion.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "base/error.hpp"
#include "files/file_bytes.hpp"
#include "files/formats/exr/exr_coding.hpp"
#include "files/formats/exr/exr_streams.hpp"

namespace conv {
namespace {

namespace Imf = OPENEXR_IMF_NAMESPACE;
using Box = IMATH_NAMESPACE::Box2i;

/// Those that are about the samples, which every header has of its own.
bool is_own(const std::string& attribute) {
    static const std::set<std::string> own = {"channels",   "compression",
                                              "dataWindow", "displayWindow",
                                              "lineOrder",  "tiles",
                                              "type",       "name",
                                              "version",    "chunkCount",
                                              "view",       "maxSamplesPerPixel",
                                              "preview",    "dwaCompressionLevel"};
    return own.contains(attribute);
}

bool is_lossless(Imf::Compression compression) {
    return compression <= Imf::PIZ_COMPRESSION;
}

std::array<std::int32_t, 4> numbers(const Box& box) {
    return {box.min.x, box.min.y, box.max.x, box.max.y};
}

std::vector<std::string> names_for(std::int64_t channels, const std::optional<ExrCoding>& coding) {
    if (channels == 1) return {coding && !coding->only.empty() ? coding->only : "Y"};
    std::vector<std::string> names = {"R", "G", "B"};
    if (channels == 4) names.emplace_back("A");
    return names;
}

/// One side of the windows of a result: where its data begin, and the display's limits.
struct Side {
    std::int64_t data = 0, least = 0, most = 0;
};

std::optional<Side> side_of(const std::array<std::int32_t, 8>& windows, std::size_t axis,
                            double scale, double offset) {
    const double data = (windows[axis] + offset) / scale;
    const double least = windows[4 + axis] / scale;
    const double end = (static_cast<double>(windows[6 + axis]) + 1) / scale;
    const Side side{std::llround(data), std::llround(std::ceil(least)),
                    std::llround(std::ceil(end)) - 1};
    const bool whole = data == std::floor(data) && std::abs(data) < 1e9;
    return whole ? std::optional<Side>(side) : std::nullopt;
}

/// The windows of the result: those of the input, moved and scaled as its pixels are.
void set_windows(const PictureInfo& picture, const Metadata& metadata, Imf::Header& header,
                 std::vector<std::string>& notes) {
    const std::optional<ExrCoding> coding = exr_coding(metadata);
    if (!coding) return;
    const auto& windows = coding->windows;
    const SampleGrid& grid = metadata.grid;
    const auto x = side_of(windows, 0, grid.scale_x, grid.offset_x);
    const auto y = side_of(windows, 1, grid.scale_y, grid.offset_y);
    if (!x || !y) {
        notes.emplace_back("the windows of the EXR begin at 0 0: their place is no whole pixel");
        return;
    }
    const auto int_of = [](std::int64_t value) { return static_cast<int>(value); };
    header.dataWindow() =
        Box({int_of(x->data), int_of(y->data)},
            {int_of(x->data + picture.shape.W - 1), int_of(y->data + picture.shape.H - 1)});
    header.displayWindow() = Box(
        {int_of(x->least), int_of(y->least)},
        {std::max(int_of(x->most), int_of(x->least)), std::max(int_of(y->most), int_of(y->least))});
}

void add_attributes(const Metadata& metadata, Imf::Header& header,
                    std::vector<std::string>& notes) {
    for (const FormatBlock& block : metadata.blocks) {
        const std::size_t colon = block.name.find(':');
        if (block.format != "exr" || colon == block.name.npos) continue;
        try {
            const std::string name = block.name.substr(0, colon),
                              type = block.name.substr(colon + 1);
            const std::unique_ptr<Imf::Attribute> attribute(
                Imf::Attribute::knownType(type.c_str()) ? Imf::Attribute::newAttribute(type.c_str())
                                                        : new Imf::OpaqueAttribute(type.c_str()));
            ExrAttributeBytes bytes(block.data);
            attribute->readValueFrom(bytes, static_cast<int>(block.data.size()), Imf::EXR_VERSION);
            header.insert(name.c_str(), *attribute);
        } catch (const std::exception&) {
            notes.push_back("the EXR attribute " + block.name + " is damaged: left out");
        }
    }
}

}  // namespace

std::vector<std::string> exr_channels(const Imf::Header& header, const std::string& name) {
    std::vector<std::string> found;
    bool plain = true;
    for (auto channel = header.channels().begin(); channel != header.channels().end(); ++channel) {
        found.emplace_back(channel.name());
        plain &= channel.channel().type != Imf::UINT && channel.channel().xSampling == 1 &&
                 channel.channel().ySampling == 1;
    }
    static const std::set<std::vector<std::string>> known = {
        {"Y"}, {"R"}, {"G"}, {"B"}, {"B", "G", "R"}, {"A", "B", "G", "R"}};
    if (!plain || !known.contains(found)) {
        fail(ErrorKind::unsupported,
             "{}: its EXR channels {}{} are not read; Y, R G B and R G B A of floats are", name,
             display_name(fmt::format("{}", fmt::join(found, " "))),
             plain ? "" : " of integers or fewer samples");
    }
    std::reverse(found.begin(), found.end());  // A B G R: alphabetical in files
    return found;
}

Metadata exr_metadata(const Imf::Header& header, const std::vector<std::string>& channels) {
    Metadata metadata;
    ExrCoding coding;
    coding.half = true;
    for (const std::string& name : channels) {
        coding.half &= header.channels().findChannel(name)->type == Imf::HALF;
    }
    if (channels.size() == 1) coding.only = channels[0];
    coding.compression = header.compression();
    const auto data = numbers(header.dataWindow()), display = numbers(header.displayWindow());
    std::copy(data.begin(), data.end(), coding.windows.begin());
    std::copy(display.begin(), display.end(), coding.windows.begin() + 4);
    metadata.blocks.push_back(block_of(coding));
    for (auto entry = header.begin(); entry != header.end(); ++entry) {
        if (is_own(entry.name())) continue;
        ExrAttributeBytes bytes;
        entry.attribute().writeValueTo(bytes, Imf::EXR_VERSION);
        metadata.blocks.push_back({"exr",
                                   fmt::format("{}:{}", entry.name(), entry.attribute().typeName()),
                                   bytes.take()});
    }
    return metadata;
}

Imf::Header exr_header(const PictureInfo& picture, const Metadata& metadata,
                       std::vector<std::string>& notes) {
    const std::optional<ExrCoding> coding = exr_coding(metadata);
    Imf::Header header(static_cast<int>(picture.shape.W), static_cast<int>(picture.shape.H));
    header.compression() = Imf::ZIP_COMPRESSION;
    if (coding) {
        const auto kept = static_cast<Imf::Compression>(coding->compression);
        if (is_lossless(kept))
            header.compression() = kept;
        else
            notes.emplace_back("the EXR is compressed with ZIP: its lossy compression is not kept");
    }
    add_attributes(metadata, header, notes);
    set_windows(picture, metadata, header, notes);
    const Imf::PixelType type = coding && coding->half ? Imf::HALF : Imf::FLOAT;
    for (const std::string& name : names_for(picture.shape.C, coding)) {
        header.channels().insert(name, Imf::Channel(type));
    }
    return header;
}

}  // namespace conv
