#include "options/filter_options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/error.hpp"
#include "base/size.hpp"
#include "cpu/cpu_device.hpp"
#include "files/byte_source.hpp"
#include "files/formats/npy_file.hpp"
#include "files/tiff_tags.hpp"
#include "kernels/source_text.hpp"
#include "options/compatibility.hpp"
#include "options/device_words.hpp"
#include "options/kernel_source.hpp"
#include "options/option_words.hpp"
#include "options/thread_count.hpp"
#include "pipeline/setting_words.hpp"
#include "tensor/border_rules.hpp"
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

/// Words of --depth; no type: that of the input.
constexpr std::array kDepths = {
    Word<std::optional<SampleType>>{"same", std::nullopt},
    Word<std::optional<SampleType>>{sample_type_name(SampleType::u8), SampleType::u8},
    Word<std::optional<SampleType>>{sample_type_name(SampleType::u16), SampleType::u16},
    Word<std::optional<SampleType>>{sample_type_name(SampleType::f32), SampleType::f32}};

/// Words of --layout: whether channels come last.
constexpr std::array kLayouts = {Word<bool>{"chw", false}, Word<bool>{"hwc", true}};

/// An option that takes the words of a table; `help` says the rest, "{}" in it the words.
template <typename Words>
CLI::Option* add_words(CLI::App& command, const std::string& option, std::string& value,
                       const Words& words, fmt::format_string<std::string> help) {
    return command.add_option(option, value, fmt::format(help, described(words)))
        ->check(offered_words(names_of(words), OtherValues::text));
}

void add_kernel_options(CLI::App& command, FilterOptions& o) {
    command
        .add_option(
            "-k,--kernel", o.kernels,
            "kernel: a file, a built-in (gaussian:sigma=2), numbers (\"0 -1 0; -1 5 -1; "
            "0 -1 0\") or - ; several times: a bank of 2-D kernels. conv-cli kernel list names the "
            "built-ins")
        ->type_name("K")
        ->check(offered_kernels())
        ->required()
        ->group("Kernel")
        ->take_all()
        ->allow_extra_args(false);
    command
        .add_option("--then", o.then,
                    "a further kernel, applied to the result in float32; rounded once, after the "
                    "last")
        ->type_name("K")
        ->check(offered_kernels())
        ->group("Kernel")
        ->take_all()
        ->allow_extra_args(false);
    command
        .add_option("--compat", o.compat,
                    fmt::format("defaults as another tool has them: {}",
                                fmt::join(compatibility_words(), " ")))
        ->type_name("TOOL")
        ->check(CLI::IsMember(compatibility_words()))
        ->group("Kernel");
    command
        .add_option("--kernel-format", o.kernel_format,
                    fmt::format("how to read it: {}", fmt::join(kernel_format_words(), " ")))
        ->type_name("F")
        ->group("Kernel")
        ->capture_default_str()
        ->check(CLI::IsMember(kernel_format_words()));
    command
        .add_flag("--convolve", o.convolve,
                  "true convolution: turn the kernel by 180 degrees, its anchor with it")
        ->group("Kernel");
    command
        .add_option("--anchor", o.anchor,
                    "cell of the kernel as written that sits on the output pixel, from 0 "
                    "(default S/2,R/2)")
        ->type_name("X,Y")
        ->group("Kernel");
    command.add_option("--scale", o.scale, "multiply the kernel; 1/9 works")
        ->type_name("S")
        ->group("Kernel")
        ->capture_default_str();
    add_words(command, "--normalize", o.normalize, normalization_words(),
              "divide the kernel by: {} (default none; sum for an image)")
        ->type_name("N")
        ->group("Kernel");
    command
        .add_option(
            "--bias", o.bias,
            "add after convolving: a number, a list with one for each kernel (0,10), or a .npy")
        ->type_name("B")
        ->check(offered_words({}, OtherValues::file))
        ->group("Kernel");
    add_words(command, "--combine", o.combine, combine_words(),
              "results of several 2-D kernels: {}")
        ->type_name("C")
        ->group("Kernel")
        ->capture_default_str();
}

void add_geometry_options(CLI::App& command, FilterOptions& o) {
    command.add_option("--border", o.border, "outside the picture: " + border_help())
        ->type_name("B")
        ->check(offered_words(border_words(), OtherValues::text))
        ->group("Geometry")
        ->capture_default_str()
        ->each([&o](const std::string&) { o.border_given = true; });
    add_words(command, "--padding", o.padding, padding_words(),
              "{}, N, V,H or top,bottom,left,right")
        ->type_name("P")
        ->group("Geometry")
        ->capture_default_str();
    command.add_option("--stride", o.stride, "step between outputs, N or V,H")
        ->type_name("N")
        ->group("Geometry")
        ->capture_default_str();
    command.add_option("--dilation", o.dilation, "step between kernel cells, N or V,H; 1 = dense")
        ->type_name("N")
        ->group("Geometry")
        ->capture_default_str();
    command.add_option("--groups", o.groups, "groups of a K x C/G x R x S bank")
        ->type_name("G")
        ->group("Geometry")
        ->capture_default_str();
}

void add_value_options(CLI::App& command, FilterOptions& o) {
    add_words(command, "--depth", o.depth, kDepths, "of the result: {} (u8 to u16: x 257)")
        ->type_name("D")
        ->group("Values")
        ->capture_default_str()
        ->each([&o](const std::string&) { o.depth_given = true; });
    add_words(command, "--range", o.range, value_range_words(),
              "how values are brought into u8 and u16: {}")
        ->type_name("R")
        ->group("Values")
        ->capture_default_str();
    add_words(command, "--alpha", o.alpha, alpha_words(),
              "{} (default weighted; copy for a kernel that sums to 0)")
        ->type_name("A")
        ->group("Values");
    add_words(command, "--channels", o.channels, channel_words(), "{} or a list 0,2")
        ->type_name("L")
        ->group("Values")
        ->capture_default_str();
    command
        .add_option("--nodata", o.nodata,
                    "samples that do not count and stay as they are: a number, nan, none, or auto, "
                    "what GDAL's tag in a TIFF says")
        ->type_name("V")
        ->check(offered_words({"auto", "none", "nan"}, OtherValues::text))
        ->group("Values")
        ->capture_default_str();
    command
        .add_flag(
            "--linear", o.linear,
            "filter linear light: colours are decoded from sRGB, or what the file states, and "
            "encoded again")
        ->group("Values");
    command
        .add_option("--region", o.region,
                    "filter only there: column, row, width and height; the rest stays as it is")
        ->type_name("X,Y,W,H")
        ->group("Values");
    command
        .add_option("--mask", o.mask,
                    "a grey picture of the input's size: black stays as it is, white is filtered, "
                    "grey blended")
        ->type_name("FILE")
        ->check(offered_words({}, OtherValues::file))
        ->group("Values");
    command
        .add_flag(
            "--volume", o.volume,
            "pages, or the first dimension of a .npy, are slices of one volume for a D x R x S "
            "kernel")
        ->group("Values");
    add_words(command, "--layout", o.layout, kLayouts, "of a 3-D .npy image: {} (default chw)")
        ->type_name("L")
        ->group("Values");
}

void add_run_options(CLI::App& command, FilterOptions& o) {
    command
        .add_option("--method", o.method, fmt::format("{}", fmt::join(method_words("auto"), ", ")))
        ->type_name("M")
        ->check(offered_words(method_words("auto"), OtherValues::text))
        ->group("Run")
        ->capture_default_str();
    command
        .add_option("--device", o.device,
                    device_words() + " (the one predicted to be fastest); see conv-cli devices")
        ->type_name("D")
        ->check(offered_devices())
        ->group("Run")
        ->capture_default_str();
    command
        .add_flag("--approximate", o.approximate,
                  "let wide Gaussians and boxes take running sums, as fast for every sigma, off by "
                  "at most 0.01 % of the range")
        ->group("Run");
    command
        .add_flag("--verify", o.verify,
                  "compute every sum on the processor too and fail on a mismatch")
        ->group("Run");
    command
        .add_option("--threads", o.threads,
                    "threads (default: SLURM_CPUS_PER_TASK, or all cores that may be used)")
        ->type_name("N")
        ->group("Run")
        ->check(CLI::Range(1, 1024));
    command.add_option("--max-memory", o.max_memory, "most memory for pictures and work, as 512M")
        ->type_name("SIZE")
        ->group("Run");
    command.add_option("--max-pixels", o.max_pixels, "most pixels of an input (2^30 unless given)")
        ->type_name("N")
        ->group("Run")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 40));
}

}  // namespace

std::int64_t kernels_from_stdin(const FilterOptions& options) {
    return std::count(options.kernels.begin(), options.kernels.end(), "-") +
           std::count(options.then.begin(), options.then.end(), "-");
}

void require_one_reader_of_stdin(const FilterOptions& options) {
    if (kernels_from_stdin(options) <= 1) return;
    fail(ErrorKind::usage, "standard input can be read once, name files for the other kernels");
}

void add_repeat_option(CLI::App& command, FilterOptions& o) {
    command.add_option("--repeat", o.repeat, "apply the kernel, or the chain, this often")
        ->type_name("N")
        ->check(CLI::Range(1, 1000))
        ->group("Kernel")
        ->capture_default_str();
}

void add_filter_options(CLI::App& command, FilterOptions& options) {
    add_kernel_options(command, options);
    add_geometry_options(command, options);
    add_value_options(command, options);
    add_run_options(command, options);
}

double parse_fraction(const std::string& option, const std::string& text) {
    const NumberReading reading = read_fraction(text);
    if (reading.problem != nullptr) {
        fail(ErrorKind::usage, "{} '{}' {}, use a number or a fraction as 1/9", option, text,
             reading.problem);
    }
    return reading.value;
}

bool takes_approximate_methods(const FilterOptions& options) {
    const std::vector<Method> methods = approximate_methods();
    return options.approximate || std::any_of(methods.begin(), methods.end(), [&](const Method& m) {
               return m.name == options.method;
           });
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
