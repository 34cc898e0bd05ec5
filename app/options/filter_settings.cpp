#include "options/filter_settings.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <tuple>

#include "base/error.hpp"
#include "base/size.hpp"
#include "files/byte_source.hpp"
#include "files/formats/npy_file.hpp"
#include "files/tiff_tags.hpp"
#include "kernels/source_text.hpp"
#include "options/compatibility.hpp"
#include "options/option_words.hpp"
#include "options/thread_count.hpp"
#include "tensor/npy.hpp"

namespace conv {
namespace {

/// "N" or "N,M" of whole numbers from `least` on.
std::pair<std::int64_t, std::int64_t> parse_pair(const std::string& option, const std::string& text,
                                                 std::int64_t least, bool two) {
    const auto refuse = [&] {
        fail(ErrorKind::usage, "{} '{}' is not understood, use {} with whole numbers from {}",
             option, text, two ? "X,Y (column first)" : "N or V,H", least);
    };
    std::int64_t first = 0, second = 0;
    const char* end = text.data() + text.size();
    auto [at, status] = std::from_chars(text.data(), end, first);
    if (status != std::errc()) refuse();
    second = first;
    if (at != end) {
        if (*at != ',') refuse();
        const auto [rest, second_status] = std::from_chars(at + 1, end, second);
        if (second_status != std::errc() || rest != end) refuse();
    } else if (two) {
        refuse();
    }
    if (first < least || second < least) refuse();
    return {first, second};
}

/// "1/9" or "0.5" to a number.
double parse_fraction(const std::string& option, const std::string& text) {
    const NumberReading reading = read_fraction(text);
    if (reading.problem != nullptr) {
        fail(ErrorKind::usage, "{} '{}' {}, use a number or a fraction as 1/9", option, text,
             reading.problem);
    }
    return reading.value;
}

/// Numbers separated by commas, or the values of a .npy file.
std::vector<double> parse_bias(const std::string& text) {
    std::vector<double> values;
    if (text.ends_with(".npy")) {
        constexpr std::int64_t kLargestBiasFile = 64 << 20;
        const FileBytes bytes = read_file_bytes(text, kLargestBiasFile);
        values = npy_to_doubles(parse_npy(std::as_bytes(bytes.view()), text));
    } else {
        for (std::size_t at = 0; at <= text.size();) {
            const std::size_t comma = std::min(text.find(',', at), text.size());
            values.push_back(parse_fraction("--bias", text.substr(at, comma - at)));
            at = comma + 1;
        }
    }
    for (const double value : values) {
        if (!std::isfinite(value)) {
            fail(ErrorKind::usage, "--bias {}: {} is not a finite number", text, value);
        }
    }
    return values;
}

/// A volume is filtered once, by slices.
void require_plain_volume(const FilterOptions& o) {
    if (!o.volume) return;
    if (!o.then.empty() || o.repeat > 1)
        fail(ErrorKind::usage, "--volume takes one kernel, leave --then and --repeat out");
    const char* part = !o.region.empty() ? "--region" : !o.mask.empty() ? "--mask" : nullptr;
    if (part) fail(ErrorKind::usage, "--volume filters whole slices, leave {} out", part);
    if (!parse_nodata(o.nodata)) return;
    fail(ErrorKind::usage,
         "--volume: --nodata {} is not left out in three dimensions, use --nodata none, or leave "
         "--volume out",
         o.nodata);
}

}  // namespace

FilterSettings filter_settings(const FilterOptions& o) {
    require_plain_volume(o);
    FilterSettings s;
    s.method = o.method;
    s.flip = o.convolve;
    s.border = named("--border", [&] { return parse_border(o.border); });
    parse_padding(o.padding, s);
    if (!o.anchor.empty()) {
        const auto [x, y] = parse_pair("--anchor", o.anchor, 0, true);
        s.anchor = Anchor{x, y};
    }
    std::tie(s.stride_h, s.stride_w) = parse_pair("--stride", o.stride, 1, false);
    std::tie(s.dilation_h, s.dilation_w) = parse_pair("--dilation", o.dilation, 1, false);
    if (o.groups < 1) fail(ErrorKind::usage, "--groups {} is too small, use 1 or more", o.groups);
    s.groups = o.groups;
    s.scale = parse_fraction("--scale", o.scale);
    if (!o.normalize.empty()) s.normalization = parse_normalization(o.normalize);
    if (!o.bias.empty()) s.bias = parse_bias(o.bias);
    s.combine = parse_combine(o.combine);
    s.depth = value_of(kDepths, "--depth", o.depth).value_or(SampleType::f32);
    s.range = parse_value_range(o.range);
    if (!o.alpha.empty()) s.alpha = parse_alpha_rule(o.alpha);
    s.channels = parse_channels(o.channels);
    s.nodata = parse_nodata(o.nodata);
    s.limits.threads = thread_count(o.threads);
    if (!o.max_memory.empty()) s.limits.max_memory = parse_bytes("--max-memory", o.max_memory);
    if (!o.layout.empty()) value_of(kLayouts, "--layout", o.layout);
    if (const CompatibilityPreset* preset = compatibility_of(o)) preset->apply(o, s);
    return s;
}

SampleType result_depth(const FilterOptions& options, SampleType input, bool array_output,
                        bool negative_weights) {
    if (const auto depth = value_of(kDepths, "--depth", options.depth)) return *depth;
    if (options.depth_given || !array_output) return input;
    return negative_weights ? SampleType::f32 : input;
}

std::optional<Nodata> input_nodata(const FilterOptions& options, SampleType type,
                                   const Metadata& metadata) {
    if (options.nodata != "auto") return parse_nodata(options.nodata);
    const std::optional<double> stated =
        metadata.tiff ? metadata.tiff->nodata() : std::optional<double>();
    if (!stated) return std::nullopt;
    const bool whole = *stated == std::floor(*stated);
    const bool occurs =
        type == SampleType::f32 || (whole && *stated >= 0 && *stated <= sample_maximum(type));
    if (!occurs) return std::nullopt;
    const auto value = static_cast<float>(*stated);
    return Nodata{value, value, true};
}

ReadOptions read_options(const FilterOptions& options) {
    ReadOptions read;
    read.threads = thread_count(options.threads);
    read.max_pixels = options.max_pixels;
    if (!options.max_memory.empty())
        read.max_memory = parse_bytes("--max-memory", options.max_memory);
    read.layout = options.layout;
    if (options.volume && options.layout.empty()) read.layout = kSlicesLayout;
    return read;
}

}  // namespace conv
