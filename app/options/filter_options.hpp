#pragma once

#include <cstdint>
#include <string>
#include <vector>

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

/// Whether approximate methods may be taken: --approximate, or one of them by name.
bool takes_approximate_methods(const FilterOptions& options);

}  // namespace conv
