#include "options/compatibility.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace conv {
namespace {

/// tests/oracles/compatibility.py holds every line of this against the tool itself.
const std::vector<CompatibilityPreset>& presets() {
    static const std::vector<CompatibilityPreset> all = {
        {.tool = "opencv", .what = "cv2.filter2D", .border = "reflect101"},
        {.tool = "scipy",
         .what = "scipy.ndimage.convolve",
         .border = "reflect",
         .convolve = true,
         .rounding = Rounding::truncate},
        {.tool = "imagemagick",
         .what = "convert -morphology Convolve",
         .border = "replicate",
         .convolve = true,
         .middle_before = true,
         .rounding = Rounding::word_half_up,
         .alpha = AlphaRule::weighted},
        {.tool = "vips",
         .what = "vips conv --precision float",
         .border = "replicate",
         .rounding = Rounding::truncate},
        {.tool = "gdal",
         .what = "KernelFilteredSource of a VRT",
         .border = "replicate",
         .rounding = Rounding::half_up,
         .sides = {1, 3, 5, 7, 9, 11, 13, 15}},
        {.tool = "torch",
         .what = "torch.nn.functional.conv2d, padding='same'",
         .border = "constant",
         .middle_before = true},
        {.tool = "ffmpeg",
         .what = "ffmpeg -vf convolution",
         .border = "reflect101",
         .normalization = Normalization::sum_or_none,
         .rounding = Rounding::half_up,
         .sides = {3, 5, 7}},
        {.tool = "pillow",
         .what = "PIL.ImageFilter.Kernel",
         .border = "replicate",
         .flip_rows = true,
         .normalization = Normalization::sum,
         .rounding = Rounding::half_up,
         .keeps_edges = true,
         .sides = {3, 5}},
    };
    return all;
}

const char* normalization_word(Normalization normalization) {
    switch (normalization) {
        case Normalization::none:
            return "none";
        case Normalization::abs:
            return "abs";
        case Normalization::sum:
            return "sum";
        case Normalization::sum_or_none:
            break;
    }
    return "sum, none for a zero sum";
}

const char* rounding_words(Rounding rounding) {
    switch (rounding) {
        case Rounding::half_even:
            return "half to even";
        case Rounding::half_up:
            return "half up";
        case Rounding::truncate:
            return "towards 0";
        case Rounding::word_half_up:
            break;
    }
    return "half up in 16 bits";
}

}  // namespace

void CompatibilityPreset::apply(const FilterOptions& options, FilterSettings& settings) const {
    if (!options.border_given) settings.border = parse_border(border);
    settings.flip = settings.flip || convolve;
    settings.flip_rows = flip_rows;
    settings.middle_before = middle_before;
    if (!settings.normalization) settings.normalization = normalization;
    settings.rounding = rounding;
    if (!settings.alpha && alpha != AlphaRule::weighted) settings.alpha = alpha;
}

void CompatibilityPreset::require_size(const Bank& bank) const {
    if (sides.empty()) return;
    const bool known =
        bank.R == bank.S && std::find(sides.begin(), sides.end(), bank.R) != sides.end();
    if (known) return;
    std::vector<std::string> sizes;
    for (const std::int64_t side : sides) sizes.push_back(fmt::format("{0} x {0}", side));
    fail(ErrorKind::usage, "--compat {}: the tool has no kernels of {} x {}, only {}", tool, bank.R,
         bank.S, fmt::join(sizes, ", "));
}

std::string CompatibilityPreset::decision() const {
    return fmt::format(
        "compat: {}, as {}: --border {}{}{}, middle of even sizes {}, --normalize {}, rounded {}, "
        "--alpha {}{}",
        tool, what, border, convolve ? " --convolve" : "",
        flip_rows ? ", rows from the last to the first" : "", middle_before ? "(S-1)/2" : "S/2",
        normalization_word(normalization), rounding_words(rounding), alpha_rule_name(alpha),
        keeps_edges ? ", edges copied" : "");
}

std::vector<std::string> compatibility_words() {
    std::vector<std::string> words;
    for (const CompatibilityPreset& preset : presets()) words.emplace_back(preset.tool);
    return words;
}

const CompatibilityPreset* compatibility_of(const FilterOptions& options) {
    for (const CompatibilityPreset& preset : presets()) {
        if (options.compat == preset.tool) return &preset;
    }
    return nullptr;
}

}  // namespace conv
