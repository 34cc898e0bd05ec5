#include "results/ignored_options.hpp"

#include <fmt/format.h>

namespace conv {
namespace {

/// An option, whether it was given, whether it counts, and for what it would.
struct Option {
    const char* name;
    bool given, counts;
    const char* of;
};

}  // namespace

std::vector<std::string> ignored_options(const FilterOptions& options, const WriteOptions& write,
                                         const FilteredFile& file) {
    const WriteOptions defaults;
    const std::string& to = file.output_format;
    const bool jpeg = to == "jpeg", webp = to == "webp", tiff = to == "tiff";
    const bool array = file.input_format == "npy" || to == "npy";
    const bool floats = file.depth == SampleType::f32;
    const Option known[] = {
        {"--quality", write.quality.has_value(), jpeg || webp, "JPEG and WebP outputs"},
        {"--subsampling", write.subsampling != defaults.subsampling, jpeg, "JPEG outputs"},
        {"--lossless", write.lossless, webp, "WebP outputs"},
        {"--png-compression", write.png_compression != defaults.png_compression, to == "png",
         "PNG outputs"},
        {"--tiff-compression", write.tiff_compression != defaults.tiff_compression, tiff,
         "TIFF outputs"},
        {"--tiff-layout", write.tiff_layout != defaults.tiff_layout, tiff, "TIFF outputs"},
        {"--layout", !options.layout.empty(), array, ".npy files"},
        {"--range", options.range != "clamp", !floats, "integer depths"},
        {"--anchor", !options.anchor.empty(), options.padding == "same", "--padding same"},
    };
    std::vector<std::string> lines;
    for (const Option& option : known) {
        if (option.given && !option.counts) {
            lines.push_back(
                fmt::format("{} has no effect here, it is for {}", option.name, option.of));
        }
    }
    return lines;
}

}  // namespace conv
