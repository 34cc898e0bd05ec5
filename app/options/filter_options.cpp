#include "options/filter_options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/error.hpp"
#include "base/size.hpp"
#include "cpu/cpu_device.hpp"
#include "files/byte_source.hpp"
#include "kernels/source_text.hpp"
#include "options/kernel_source.hpp"
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

std::optional<SampleType> parse_depth(const std::string& word) {
    if (word == "same") return std::nullopt;
    for (const SampleType type : {SampleType::u8, SampleType::u16, SampleType::f32}) {
        if (word == sample_type_name(type)) return type;
    }
    fail(ErrorKind::usage, "--depth '{}' is unknown, use one of same, u8, u16, f32", word);
}

void add_kernel_options(CLI::App& command, FilterOptions& o) {
    command
        .add_option("-k,--kernel", o.kernels,
                    "kernel: a file, a built-in (gaussian:sigma=2), numbers (\"0 -1 0; -1 5 -1; "
                    "0 -1 0\") or - ; several times: a bank of 2-D kernels")
        ->type_name("K")
        ->check(offered_kernels())
        ->required()
        ->group("Kernel")
        ->take_all()
        ->allow_extra_args(false);
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
    command
        .add_option("--normalize", o.normalize,
                    "divide the kernel by: none, sum, abs (default none; sum for an image)")
        ->type_name("N")
        ->check(offered_words({"none", "sum", "abs"}, OtherValues::text))
        ->group("Kernel");
    command.add_option("--bias", o.bias, "add after convolving: a number, one a kernel, or a .npy")
        ->type_name("B")
        ->check(offered_words({}, OtherValues::file))
        ->group("Kernel");
    command
        .add_option("--combine", o.combine,
                    "results of several 2-D kernels: stack, sum, max (signed), l2")
        ->type_name("C")
        ->check(offered_words({"stack", "sum", "max", "l2"}, OtherValues::text))
        ->group("Kernel")
        ->capture_default_str();
}

void add_geometry_options(CLI::App& command, FilterOptions& o) {
    command
        .add_option("--border", o.border,
                    "outside the picture: constant[:v,...] vv|abc|vv, replicate aa|abc|cc, reflect "
                    "cba|abc|cba, reflect101 cb|abc|ba, wrap bc|abc|ab; also zero, edge nearest "
                    "clamp, symmetric, mirror101, tile periodic")
        ->type_name("B")
        ->check(offered_words({"constant", "zero", "replicate", "reflect", "reflect101", "wrap"},
                              OtherValues::text))
        ->group("Geometry")
        ->capture_default_str();
    command
        .add_option("--padding", o.padding, "same, valid, full, N, V,H or top,bottom,left,right")
        ->type_name("P")
        ->check(offered_words({"same", "valid", "full"}, OtherValues::text))
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
    command.add_option("--depth", o.depth, "of the result: same, u8, u16, f32 (u8 to u16: x 257)")
        ->type_name("D")
        ->check(offered_words({"same", "u8", "u16", "f32"}, OtherValues::text))
        ->group("Values")
        ->capture_default_str()
        ->each([&o](const std::string&) { o.depth_given = true; });
    command
        .add_option("--range", o.range,
                    "into an integer depth: clamp, abs, rescale (least..greatest to 0..white)")
        ->type_name("R")
        ->check(offered_words({"clamp", "abs", "rescale"}, OtherValues::text))
        ->group("Values")
        ->capture_default_str();
    command
        .add_option("--alpha", o.alpha,
                    "weighted (no halos), straight, copy, drop (default weighted; copy for a "
                    "kernel that sums to 0)")
        ->type_name("A")
        ->check(offered_words({"weighted", "straight", "copy", "drop"}, OtherValues::text))
        ->group("Values");
    command
        .add_option("--channels", o.channels,
                    "all, gray (BT.601), luma (filter luma, keep colour) or a list 0,2")
        ->type_name("L")
        ->check(offered_words({"all", "gray", "luma"}, OtherValues::text))
        ->group("Values")
        ->capture_default_str();
    command.add_option("--layout", o.layout, "of a 3-D .npy image: chw or hwc (default chw)")
        ->type_name("L")
        ->check(offered_words({"chw", "hwc"}, OtherValues::text))
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
                    "cpu, opencl[:n], cuda[:n] or auto (the one done first); see conv-cli devices")
        ->type_name("D")
        ->check(offered_words({"cpu", "auto", "opencl", "cuda"}, OtherValues::text))
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
    command.add_option("--max-pixels", o.max_pixels, "most pixels of an input")
        ->type_name("N")
        ->group("Run")
        ->capture_default_str()
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 40));
}

}  // namespace

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

FilterSettings filter_settings(const FilterOptions& o) {
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
    s.depth = parse_depth(o.depth).value_or(SampleType::f32);
    s.range = parse_value_range(o.range);
    if (!o.alpha.empty()) s.alpha = parse_alpha_rule(o.alpha);
    s.channels = parse_channels(o.channels);
    s.limits.threads = thread_count(o.threads);
    if (!o.max_memory.empty()) s.limits.max_memory = parse_bytes("--max-memory", o.max_memory);
    if (!o.layout.empty() && o.layout != "chw" && o.layout != "hwc") {
        fail(ErrorKind::usage, "--layout '{}' is unknown, use chw or hwc", o.layout);
    }
    return s;
}

SampleType result_depth(const FilterOptions& options, SampleType input, bool array_output,
                        bool negative_weights) {
    if (const auto depth = parse_depth(options.depth)) return *depth;
    if (options.depth_given || !array_output) return input;
    return negative_weights ? SampleType::f32 : input;
}

ReadOptions read_options(const FilterOptions& options) {
    ReadOptions read;
    read.threads = thread_count(options.threads);
    read.max_pixels = options.max_pixels;
    if (!options.max_memory.empty())
        read.max_memory = parse_bytes("--max-memory", options.max_memory);
    read.layout = options.layout;
    return read;
}

}  // namespace conv
