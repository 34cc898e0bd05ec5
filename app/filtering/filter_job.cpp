#include "filtering/filter_job.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "conv/device.hpp"
#include "options/compatibility.hpp"
#include "options/filter_settings.hpp"
#include "options/kernel_source.hpp"
#include "options/light_curve.hpp"
#include "options/option_words.hpp"
#include "options/selection_options.hpp"
#include "pipeline/compose.hpp"

namespace conv {
namespace {

/// The kernels of each step: of -k, then of every --then.
std::vector<std::vector<Kernel>> all_kernels(const FilterOptions& options) {
    require_one_reader_of_stdin(options);
    std::vector<std::vector<Kernel>> steps(1);
    for (const std::string& argument : options.kernels) {
        for (Kernel& kernel : load_kernels(argument, options.kernel_format)) {
            steps.front().push_back(std::move(kernel));
        }
    }
    for (const std::string& argument : options.then) {
        steps.push_back(load_kernels(argument, options.kernel_format));
        if (steps.back().size() == 1) continue;
        fail(ErrorKind::usage, "--then {} is {} kernels, it takes one", argument,
             steps.back().size());
    }
    return steps;
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
    write_.max_memory = read_.max_memory;
    const auto steps = all_kernels(options);
    for (std::size_t step = 0; step < steps.size(); ++step)
        banks_.push_back(make_bank(steps[step], step_settings(settings_, step)));
    settings_.selection = selection_of(options);
    if (const CompatibilityPreset* preset = compatibility_of(options)) {
        for (const Bank& bank : banks_) preset->require_size(bank);
        banks_.front().decisions.push_back(preset->decision());
    }
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
    for (const auto& kernels : steps) {
        note_asymmetric_image(kernels, settings_, notes_);
        kernels_.insert(kernels_.end(), kernels.begin(), kernels.end());
    }
}

FilterSettings FilterJob::settings_for(const PictureInfo& input, const Metadata& metadata,
                                       bool array_output) const {
    FilterSettings settings = settings_;
    const bool negative = std::any_of(banks_.begin(), banks_.end(),
                                      [](const Bank& bank) { return bank.has_negative_value(); });
    settings.depth = result_depth(options_, input.type, array_output, negative);
    settings.nodata = input_nodata(options_, input.type, metadata);
    if (options_.linear) set_linear_light(settings, input.type, metadata);
    const CompatibilityPreset* preset = compatibility_of(options_);
    if (preset && preset->keeps_edges && !settings.selection)
        settings.selection = inner_pixels(input.shape, banks_.front());
    return settings;
}

std::vector<FilterStage> FilterJob::stages_for(const PictureInfo& input,
                                               const FilterSettings& settings) const {
    return compose_stages(devices(), steps_for(input, settings), input);
}

std::vector<FilterStage> FilterJob::steps_for(const PictureInfo& input,
                                              const FilterSettings& settings) const {
    std::vector<FilterStage> stages;
    for (int i = 0; i < options_.repeat; ++i) {
        for (std::size_t step = 0; step < banks_.size(); ++step)
            stages.push_back({banks_[step], step_settings(settings, step)});
    }
    link_stages(stages, input.type);
    return stages;
}

}  // namespace conv
