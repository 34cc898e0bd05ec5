#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "files/image_document.hpp"
#include "pipeline/settings.hpp"

namespace CLI {
class App;
}

namespace conv {

/// The options that say how pictures are filtered, as typed: declared once, shared by every
/// subcommand that filters.
struct FilterOptions {
    std::vector<std::string> kernels;
    std::string kernel_format = "auto";
    std::string method = "auto";
    std::string device = "cpu";
    bool approximate = false;
    bool verify = false;
    bool convolve = false;
    std::string border = "reflect101";
    bool border_given = false;
    std::string padding = "same";
    std::string anchor;
    std::string stride = "1", dilation = "1";
    std::int64_t groups = 1;
    std::string scale = "1";
    std::string normalize;
    std::string bias;
    std::string combine = "stack";
    std::string depth = "same";
    bool depth_given = false;
    std::string range = "clamp";
    std::string alpha;
    std::string channels = "all";
    std::string nodata = "auto";
    std::vector<std::string> then;
    int repeat = 1;
    std::string region, mask;
    bool linear = false;
    std::string compat;
    bool volume = false;
    int threads = 0;
    std::string max_memory;
    std::int64_t max_pixels = std::int64_t{1} << 30;
    std::string layout;
};

/// How many of the kernels are read from standard input.
std::int64_t kernels_from_stdin(const FilterOptions& options);

/// Throws Error{usage} where more than one is.
void require_one_reader_of_stdin(const FilterOptions& options);

/// Declares the options on a subcommand.
void add_filter_options(CLI::App& command, FilterOptions& options);
/// And --repeat, for subcommands that run chains.
void add_repeat_option(CLI::App& command, FilterOptions& options);

/// The options' meaning, but for the depth, which depends on the input. Throws Error{usage} naming
/// the option and the value.
FilterSettings filter_settings(const FilterOptions& options);

/// Depth of the result: `--depth` where given, the input's otherwise; arrays are float32 unless the
/// input is integer and no kernel value is negative.
SampleType result_depth(const FilterOptions& options, SampleType input, bool array_output,
                        bool negative_weights);

/// What does not count in an input of samples `type`: what was asked for, or under auto what the
/// file states where such samples can be.
std::optional<Nodata> input_nodata(const FilterOptions& options, SampleType type,
                                   const Metadata& metadata);

ReadOptions read_options(const FilterOptions& options);

/// Whether approximate methods may be taken: --approximate, or one of them by name.
bool takes_approximate_methods(const FilterOptions& options);

/// "1/9" or "0.5" to a number. Throws Error{usage} naming `option`.
double parse_fraction(const std::string& option, const std::string& text);

}  // namespace conv
