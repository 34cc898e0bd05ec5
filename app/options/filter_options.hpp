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
    int threads = 0;
    std::string max_memory;
    std::int64_t max_pixels = std::int64_t{1} << 30;
    std::string layout;
};

/// Declares the options on a subcommand.
void add_filter_options(CLI::App& command, FilterOptions& options);

/// The options' meaning, but for the depth, which depends on the input. Throws Error{usage} naming
/// the option and the value.
FilterSettings filter_settings(const FilterOptions& options);

/// Depth of the result: `--depth` where given, the input's otherwise; arrays are float32 unless the
/// input is integer and no kernel value is negative.
SampleType result_depth(const FilterOptions& options, SampleType input, bool array_output,
                        bool negative_weights);

ReadOptions read_options(const FilterOptions& options);

/// Whether approximate methods may be taken: --approximate, or one of them by name.
bool takes_approximate_methods(const FilterOptions& options);

/// "1/9" or "0.5" to a number. Throws Error{usage} naming `option`.
double parse_fraction(const std::string& option, const std::string& text);

}  // namespace conv
