#include "compare/compare_run.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>
#include <sstream>

#include "base/error.hpp"
#include "base/parallel.hpp"
#include "compare/chain_comparison.hpp"
#include "compare/charts.hpp"
#include "compare/difference_figure.hpp"
#include "compare/interrupt.hpp"
#include "compare/pictures.hpp"
#include "drawing/canvas.hpp"
#include "files/output/whole_file.hpp"
#include "filtering/filter_chain.hpp"
#include "filtering/filter_volume.hpp"
#include "options/option_words.hpp"
#include "results/kernel_json.hpp"
#include "text/json_text.hpp"
#include "text/terminal.hpp"
#include "text/wrapping.hpp"

namespace conv {
namespace {

/// One line on a terminal that each step rewrites; nothing elsewhere.
class ProgressLine {
public:
    explicit ProgressLine(std::ostream& err)
        : err_(err), shown_(!kept_in_memory(err) && isatty(STDERR_FILENO) == 1) {}
    ~ProgressLine() {
        if (shown_) err_ << "\r\x1b[K" << std::flush;
    }
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void show(const std::string& words) {
        if (shown_) err_ << "\r\x1b[Kconv-cli: " << words << " ..." << std::flush;
    }

private:
    static bool kept_in_memory(const std::ostream& stream) {
        return dynamic_cast<std::stringbuf*>(stream.rdbuf()) != nullptr;
    }

    std::ostream& err_;
    bool shown_;
};

/// The names of --methods, which at least one of the devices must have.
std::vector<std::string> named_methods(const CompareOptions& o, std::span<const Device> devices) {
    const auto known = [&](const std::string& name) {
        return std::any_of(devices.begin(), devices.end(),
                           [&](const Device& device) { return device.has_method(name); });
    };
    if (o.methods != std::vector<std::string>{"all"}) {
        for (const std::string& name : o.methods) {
            if (known(name)) continue;
            named("--methods", [&] { find_method(devices.front(), name); });  // lists what there is
        }
        return o.methods;
    }
    std::vector<std::string> names;
    for (const Device& device : devices) {
        for (const Method& method : device.methods) {
            if (std::find(names.begin(), names.end(), method.name) == names.end()) {
                names.push_back(method.name);
            }
        }
    }
    return names;
}

}  // namespace

CompareRules compare_rules(const CompareOptions& o, std::span<const Device> devices) {
    CompareRules rules;
    rules.methods = named_methods(o, devices);
    rules.threads = o.threads;
    if (rules.threads.empty()) rules.threads.push_back(resolve_threads(0));
    rules.timing.repeats = o.repeats;
    rules.timing.warmups = o.warmups;
    rules.timing.min_seconds = 0.1;
    rules.repeats_given = o.repeats_given;
    rules.tolerance = o.tolerance;
    rules.keep_difference = !o.difference.empty();
    rules.stopped = InterruptGuard::requested;
    return rules;
}

std::vector<FilterStage> CompareRun::stages() const {
    std::vector<FilterStage> all;
    for (std::size_t i = 0; i < kernels.size(); ++i) {
        const FilterSettings step = is_chain() ? step_settings(settings, i) : settings;
        all.push_back({make_bank(kernels[i].kernels, step), step});
    }
    if (is_chain()) link_stages(all, input.pages.front().type);
    return all;
}

void CompareRun::measure(std::ostream& err) {
    const InterruptGuard guard;
    ProgressLine line(err);
    const std::vector<int> threads = thread_list();
    machine = machine_state(*std::max_element(threads.begin(), threads.end()));
    CompareRules rules = compare_rules(options, chosen.devices());
    rules.max_memory = settings.limits.max_memory;
    Image page = input.pages.front();
    const std::vector<FilterStage> all = stages();
    for (std::size_t i = 0; i < kernels.size(); ++i) {
        const NamedKernels& step = kernels[i];
        const std::string prefix = step.size > 0 ? fmt::format("size {}, ", step.size)
                                   : is_chain()
                                       ? fmt::format("step {} of {}, ", i + 1, kernels.size())
                                       : "";
        rules.progress = [&](const std::string& doing) { line.show(prefix + doing); };
        const Subject subject(page, all[i].bank, all[i].settings);
        steps.push_back({step.name, step.size,
                         compare_methods(chosen.devices(), chosen.processor(), subject, rules)});
        if (interrupted()) return;
        // The next step of a chain is measured on what this one makes.
        if (is_chain() && i + 1 < kernels.size())
            page = filter_chain({&chosen.processor(), 1}, {all[i]}, {page}).pages[0][0];
    }
    if (is_chain()) steps.push_back(whole_chain(steps));
}

void CompareRun::take_slab() {
    input = middle_slab(std::move(input), {make_bank(kernels.front().kernels, settings), settings});
    notes.push_back(input.notes.back());
}

void CompareRun::write_files() {
    if (!options.plot.empty()) {
        const Image& page = input.pages.front();
        const std::string kernel =
            options.sweep.empty()
                ? steps.back().kernel
                : fmt::format("{} of {} to {} pixels", options.filter.kernels.front(),
                              steps.front().size, steps.back().size);
        const ChartCaption caption{
            fmt::format("{} on {} ({} × {})", kernel,
                        std::filesystem::path(options.input).filename().string(), page.shape.W,
                        page.shape.H),
            fmt::format("{}, {} thread{}", machine.processor, fmt::join(thread_list(), " and "),
                        thread_list() == std::vector<int>{1} ? "" : "s")};
        const auto said = write_whole_file(
            drawing_path(options.plot),
            options.sweep.empty()
                ? draw_comparison(options.plot, steps.back(), caption, options.ground)
                : draw_sweep(options.plot, steps, caption, options.ground));
        notes.insert(notes.end(), said.begin(), said.end());
    }
    const Comparison& comparison = steps.back().comparison;
    if (!options.write.empty()) {
        write_method_pictures(options.write, chosen.devices(), stages(), input, comparison);
    }
    if (options.difference.empty()) return;
    const std::int64_t width = comparison.output_width;
    if (is_drawing_name(options.difference)) {
        const auto said = write_whole_file(
            drawing_path(options.difference),
            draw_difference(options.difference, comparison, width, options.ground));
        notes.insert(notes.end(), said.begin(), said.end());
        return;
    }
    const double factor = write_difference_picture(options.difference, comparison, width);
    notes.push_back(fmt::format("{}: the largest difference of any method from {}, times {:.3g}",
                                printable_line(options.difference), comparison.reference, factor));
}

std::vector<Kernel> CompareRun::kernels_of(std::size_t step) const {
    if (step < kernels.size()) return kernels[step].kernels;
    std::vector<Kernel> all;
    for (const NamedKernels& one : kernels)
        all.insert(all.end(), one.kernels.begin(), one.kernels.end());
    return all;
}

std::string CompareRun::text(std::optional<std::size_t> width) const {
    std::string all = machine_text(machine) + '\n';
    for (const SweepStep& step : steps) all += '\n' + comparison_table(step, width);
    for (const std::string& note : notes) all += note + '\n';
    return all;
}

void CompareRun::print(std::ostream& out) const {
    if (options.csv) {
        out << comparison_csv(steps);
        return;
    }
    if (!options.json) {
        const std::optional<std::size_t> width = terminal_width(out);
        if (!options.quiet) out << fitted(text(width), width);
        return;
    }
    const Shape& shape = input.pages.front().shape;
    nlohmann::ordered_json json{{"schema", "conv-cli/compare/1"},
                                {"input", options.input},
                                {"format", input.format},
                                {"width", shape.W},
                                {"height", shape.H},
                                {"channels", shape.C},
                                {"device", options.filter.device},
                                {"processor", machine.processor},
                                {"machine", machine_json(machine)},
                                {"interrupted", interrupted()},
                                {"notes", notes}};
    for (std::size_t i = 0; i < steps.size(); ++i) {
        nlohmann::ordered_json step{{"kernels", kernels_json(kernels_of(i))}};
        step.update(comparison_json(steps[i]));
        json["steps"].push_back(std::move(step));
    }
    out << json_text(json);
}

void CompareRun::judge() const {
    for (const SweepStep& step : steps) {
        for (const MethodResult& result : step.comparison.results) {
            if (!result.outside()) continue;
            fail(ErrorKind::internal, "{} with kernel {} is off by {:.3g}, allowed is {:.3g}{}",
                 result.label(), step.kernel, result.largest_error, result.allowed_error,
                 options.tolerance ? ", raise --tolerance or leave the method out"
                                   : ", leave the method out and report this");
        }
    }
}

}  // namespace conv
