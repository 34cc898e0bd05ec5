#include "filtering/filter_job.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "conv/device.hpp"
#include "options/kernel_source.hpp"
#include "options/option_words.hpp"

namespace conv {
namespace {

std::vector<Kernel> all_kernels(const FilterOptions& options) {
    std::vector<Kernel> kernels;
    for (const std::string& argument : options.kernels) {
        for (Kernel& kernel : load_kernels(argument, options.kernel_format)) {
            kernels.push_back(std::move(kernel));
        }
    }
    return kernels;
}

/// A point spread function that is not symmetric is smeared the other way round by correlation.
void note_asymmetric_image(const std::vector<Kernel>& kernels, const FilterSettings& settings,
                           std::vector<std::string>& notes) {
    for (const Kernel& kernel : kernels) {
        const bool symmetric =
            std::equal(kernel.values.begin(), kernel.values.end(), kernel.values.rbegin());
        if (kernel.format == "image" && !symmetric && !settings.flip) {
            notes.push_back(
                fmt::format("kernel {} is not symmetric: a point spread function is usually "
                            "applied with --convolve",
                            kernel.name));
        }
    }
}

}  // namespace

FilterJob::FilterJob(const FilterOptions& options, const WriteOptions& write)
    : options_(options),
      read_(read_options(options)),
      write_(write),
      settings_(filter_settings(options)),
      devices_(options.device, takes_approximate_methods(options)) {
    write_.threads = options.threads;
    kernels_ = all_kernels(options);
    bank_ = make_bank(kernels_, settings_);
    if (settings_.method != "auto") {
        named("--method", [&] { find_method(devices().front(), settings_.method); });
    }
    if (options.verify && takes_approximate_methods(options)) {
        fail(ErrorKind::usage,
             "--verify holds sums to the local error, which approximate methods give up: leave out "
             "one of the two");
    }
    if (options.verify) settings_.verify_on = &devices_.processor();
    if (!devices_.note().empty()) notes_.push_back(devices_.note());
    note_asymmetric_image(kernels_, settings_, notes_);
}

FilterSettings FilterJob::settings_for(SampleType input, bool array_output) const {
    FilterSettings settings = settings_;
    settings.depth = result_depth(options_, input, array_output, bank_.has_negative_value());
    return settings;
}

}  // namespace conv
