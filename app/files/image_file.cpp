#include "files/image_file.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <limits>
#include <optional>

#include "files/codec.hpp"
#include "files/format_table.hpp"
#include "files/path_prefix.hpp"
#include "files/row_document.hpp"

namespace conv {
namespace {

struct RefusedFormat {
    std::string_view name;
    std::size_t offset;
    std::string_view magic;
};

/// Recognised, so that the refusal can name them; none is ever handed to a decoder.
constexpr RefusedFormat kRefusedFormats[] = {
    {"a GIF", 0, "GIF8"},
    {"an SVG drawing", 0, "<svg"},
    {"an XML, SVG or HTML text", 0, "<?xml"},
    {"an HTML page", 0, "<!DOCTYPE"},
    {"an HTML page", 0, "<html"},
    {"a GDAL virtual raster", 0, "<VRTDataset"},
    {"a NITF file", 0, "NITF"},
    {"a DICOM file", 128, "DICM"},
    {"a Windows icon", 0, std::string_view("\0\0\1\0", 4)},
    {"a JPEG 2000 file", 4, "jP  "},
    {"a JPEG 2000 codestream", 0, "\xff\x4f\xff\x51"},
    {"a JPEG XL file", 0, "\xff\x0a"},
    {"a JPEG XL file", 4, "JXL "},
    {"an AVIF, HEIF or MP4 file", 4, "ftyp"},
    {"a PDF document", 0, "%PDF"},
    {"a PostScript document", 0, "%!PS"},
    {"a Photoshop file", 0, "8BPS"},
    {"an MVG script", 0, "push graphic-context"},
    {"a FITS file", 0, "SIMPLE  ="},
    {"an HDF5 file", 0, "\x89HDF"},
    {"a Sun raster", 0, "\x59\xa6\x6a\x95"},
};

std::string format_names() {
    std::string names;
    for (const FileFormat& format : file_formats()) {
        names += (names.empty() ? "" : ", ") + format.holds.name;
    }
    return names;
}

const FileFormat* recognised(ByteView head) {
    for (const FileFormat& format : file_formats()) {
        if (format.recognises(head)) return &format;
    }
    return nullptr;
}

void refuse_unknown(ByteView head, const std::string& name) {
    for (const RefusedFormat& format : kRefusedFormats) {
        if (has_at(head, format.offset, format.magic)) {
            fail(ErrorKind::unsupported, "{}: is {}, which is not read; {} are", name, format.name,
                 format_names());
        }
    }
    fail(ErrorKind::input, "{}: is no image file of a known format; {} are read", name,
         format_names());
}

const FileFormat* with_word(const std::string& word, bool name_counts) {
    for (const FileFormat& format : file_formats()) {
        const auto& extensions = format.holds.extensions;
        if ((name_counts && format.holds.name == word) ||
            std::find(extensions.begin(), extensions.end(), word) != extensions.end()) {
            return &format;
        }
    }
    return nullptr;
}

/// The format stated by `png:-`, or nothing for other paths.
const FileFormat* stated_format(const std::string& path) {
    if (!path.ends_with(":-")) return nullptr;
    const std::string word = path.substr(0, path.size() - 2);
    const FileFormat* format = with_word(word, true);
    if (!format) {
        fail(ErrorKind::usage, "{}: '{}' is no image format; {} are", display_name(path),
             display_name(word), format_names());
    }
    return format;
}

/// The format and the path of "FORMAT:PATH"; no format where the word before the colon names none.
std::pair<const FileFormat*, std::string> split_prefix(const std::string& path) {
    const std::size_t colon = path.find(':');
    if (colon == path.npos || colon + 1 == path.size()) return {nullptr, path};
    const FileFormat* format = with_word(path.substr(0, colon), true);
    return {format, format ? path.substr(colon + 1) : path};
}

std::string writable_extensions() {
    std::string names;
    for (const FileFormat& format : file_formats()) {
        names += (names.empty() ? "." : ", .") + format.holds.extensions.front();
    }
    return names;
}

bool holds(const OutputFormat& format, SampleType type, std::int64_t channels, bool has_alpha) {
    const auto in = [](const auto& list, auto value) {
        return std::find(list.begin(), list.end(), value) != list.end();
    };
    const std::int64_t colours = channels - (has_alpha ? 1 : 0);
    return in(format.sample_types, type) &&
           (format.colours.empty() || in(format.colours, colours)) && (format.alpha || !has_alpha);
}

/// ".tif, .pfm or .npy": the formats that hold such a picture.
std::string formats_holding(SampleType type, std::int64_t channels, bool has_alpha) {
    std::vector<std::string> names;
    for (const FileFormat& format : file_formats()) {
        if (holds(format.holds, type, channels, has_alpha)) {
            names.push_back("." + format.holds.extensions.front());
        }
    }
    std::string list;
    for (std::size_t i = 0; i < names.size(); ++i) {
        list += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
    }
    return list;
}

/// "u8|u16": the depths that a format holds.
std::string depths(const OutputFormat& format) {
    std::string list;
    for (const SampleType type : format.sample_types) {
        list += std::string(list.empty() ? "" : "|") + sample_type_name(type);
    }
    return list;
}

}  // namespace

OpenInput open_input(const std::string& path) {
    const FileFormat* stated = stated_format(path);
    OpenInput input;
    input.source = std::make_unique<ByteSource>(stated ? "-" : path);
    const ByteView head = input.source->head();
    input.format = recognised(head);
    if (stated && input.format != stated) {
        fail(ErrorKind::input, "{}: is not in the stated format {}", input.source->name(),
             stated->holds.name);
    }
    if (!input.format) refuse_unknown(head, input.source->name());
    return input;
}

ImageDocument read_image(OpenInput input, const ReadOptions& options) {
    const FileFormat& format = *input.format;
    const std::string name = input.source->name();
    const auto rows = open_row_file(input, options, Codec::automatic);
    ImageDocument document =
        rows ? read_document(*rows, name, options) : format.read(whole_input(input, options));
    document.format = format.holds.name;
    return document;
}

ImageDocument read_image(const std::string& path, const ReadOptions& options) {
    return read_image(open_input(path), options);
}

std::string unprefixed_path(const std::string& path) {
    return split_prefix(path).second;
}

bool is_open_descriptor(const std::string& path) {
    return path == "/dev/stdout" || path == "/dev/stderr" || path.starts_with("/dev/fd/") ||
           path.starts_with("/proc/self/fd/");
}

const OutputFormat& output_format(const std::string& path, const std::string& input_format) {
    if (path == "-" || is_open_descriptor(path)) return file_format(input_format).holds;
    stated_format(path);  // refuses the unknown format of "word:-"
    if (const FileFormat* stated = split_prefix(path).first) return stated->holds;
    std::string extension = std::filesystem::path(path).extension().string();
    for (char& c : extension) {
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    const FileFormat* format = extension.empty() ? nullptr : with_word(extension.substr(1), false);
    if (!format) {
        fail(ErrorKind::usage, "{}: {}; {} can be", display_name(path),
             extension.empty() ? "has no extension that says how it is to be written"
                               : "'" + display_name(extension) + "' cannot be written",
             writable_extensions());
    }
    return format->holds;
}

void check_representable(const OutputFormat& format, const std::string& path, SampleType type,
                         std::int64_t channels, bool has_alpha, std::int64_t pages) {
    const std::string name = display_name(path);
    const auto& types = format.sample_types;
    if (std::find(types.begin(), types.end(), type) == types.end()) {
        fail(ErrorKind::usage, "{}: {} samples do not fit {}: use {}, or --depth {}", name,
             sample_type_name(type), format.name, formats_holding(type, channels, has_alpha),
             depths(format));
    }
    if (has_alpha && !format.alpha) {
        fail(ErrorKind::usage, "{}: {} holds no alpha: use --alpha drop, or {}", name, format.name,
             formats_holding(type, channels, true));
    }
    if (!holds(format, type, channels, has_alpha)) {
        fail(
            ErrorKind::usage,
            "{}: {} maps do not fit one {}: put {{k}} into the name for one file each, or use .npy",
            name, channels, format.name);
    }
    if (pages > 1 && !format.pages) {
        fail(ErrorKind::usage,
             "{}: {} pages do not fit one {}: put {{page}} into the name, or use .tif or .npy",
             name, pages, format.name);
    }
}

}  // namespace conv
