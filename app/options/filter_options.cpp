#include "options/filter_options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/error.hpp"
#include "cpu/cpu_device.hpp"
#include "options/compatibility.hpp"
#include "options/device_words.hpp"
#include "options/filter_settings.hpp"
#include "options/kernel_source.hpp"
#include "options/option_words.hpp"
#include "pipeline/setting_words.hpp"
#include "tensor/border_rules.hpp"

namespace conv {
namespace {

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

bool takes_approximate_methods(const FilterOptions& options) {
    const std::vector<Method> methods = approximate_methods();
    return options.approximate || std::any_of(methods.begin(), methods.end(), [&](const Method& m) {
               return m.name == options.method;
           });
}

}  // namespace conv
