#include "commands/compare_command.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <sstream>

#include "base/error.hpp"
#include "base/parallel.hpp"
#include "compare/chain_comparison.hpp"
#include "compare/charts.hpp"
#include "compare/compare_options.hpp"
#include "compare/comparison_report.hpp"
#include "compare/difference_figure.hpp"
#include "compare/interrupt.hpp"
#include "compare/pictures.hpp"
#include "drawing/canvas.hpp"
#include "files/output/output_file.hpp"
#include "files/output/whole_file.hpp"
#include "filtering/filter_chain.hpp"
#include "filtering/filter_volume.hpp"
#include "kernels/builtin.hpp"
#include "machine/machine_state.hpp"
#include "options/device_choice.hpp"
#include "options/kernel_source.hpp"
#include "options/light_curve.hpp"
#include "options/option_words.hpp"
#include "options/selection_options.hpp"
#include "results/kernel_json.hpp"
#include "text/json_text.hpp"
#include "text/terminal.hpp"
#include "text/wrapping.hpp"

namespace conv {
namespace {

constexpr int kInterrupted = 130;  // 128 + SIGINT, as shells report it

/// The sizes of "sizes=3,5,7".
std::vector<std::int64_t> sweep_sizes(const std::string& text) {
    constexpr std::string_view kKey = "sizes=";
    std::vector<std::int64_t> sizes;
    std::string_view rest = text;
    const bool known = rest.starts_with(kKey);
    if (known) rest.remove_prefix(kKey.size());
    while (known && !rest.empty()) {
        std::int64_t size = 0;
        const auto [at, status] = std::from_chars(rest.data(), rest.data() + rest.size(), size);
        if (status != std::errc() || size < 1) break;
        sizes.push_back(size);
        rest.remove_prefix(static_cast<std::size_t>(at - rest.data()));
        if (!rest.empty() && (rest.front() != ',' || rest.size() == 1)) break;
        if (!rest.empty()) rest.remove_prefix(1);
    }
    if (sizes.empty() || !rest.empty()) {
        fail(ErrorKind::usage, "--sweep '{}' is not understood, use sizes=3,5,7,9,15,31", text);
    }
    return sizes;
}

struct NamedKernels {
    std::string name;
    std::int64_t size = 0;
    std::vector<Kernel> kernels;
};

/// Throws where the built-in has no parameter that --sweep could set.
void require_size(const std::string& reference) {
    std::vector<std::string> sized;
    for (const Builtin& builtin : builtin_kernels()) {
        for (const BuiltinParameter& parameter : builtin.parameters) {
            if (parameter.name == "size") sized.push_back(builtin.name);
        }
    }
    const std::string name = reference.substr(0, reference.find(':'));
    if (std::find(sized.begin(), sized.end(), name) != sized.end()) return;
    fail(ErrorKind::usage, "--sweep sizes=: {} has no parameter size, use one of {}", name,
         fmt::join(sized, ", "));
}

/// The kernels of every step: those given, or the built-in in each size of the sweep.
std::vector<NamedKernels> step_kernels(const CompareOptions& o) {
    const std::vector<std::string>& given = o.filter.kernels;
    if (o.sweep.empty()) {
        NamedKernels all;
        for (const std::string& argument : given) {
            all.name += (all.name.empty() ? "" : " ") + printable_line(argument);
            for (Kernel& kernel : load_kernels(argument, o.filter.kernel_format)) {
                all.kernels.push_back(std::move(kernel));
            }
        }
        return {std::move(all)};
    }
    const std::string& argument = given.front();
    if (given.size() != 1 || !is_builtin_reference(argument) ||
        argument.find("size=") != std::string::npos) {
        fail(ErrorKind::usage,
             "--sweep needs one built-in kernel without its size, as -k gaussian:sigma=2, got '{}'",
             printable_line(argument));
    }
    require_size(argument);
    std::vector<NamedKernels> steps;
    for (const std::int64_t size : sweep_sizes(o.sweep)) {
        const char* separator = argument.find(':') == std::string::npos ? ":" : ",";
        const std::string reference = fmt::format("{}{}size={}", argument, separator, size);
        steps.push_back({reference, size, make_builtin(reference)});
    }
    return steps;
}

/// The kernel of every --then.
void add_chain(const FilterOptions& o, std::vector<NamedKernels>& steps) {
    for (const std::string& argument : o.then) {
        steps.push_back({printable_line(argument), 0, load_kernels(argument, o.kernel_format)});
        if (steps.back().kernels.size() == 1) continue;
        fail(ErrorKind::usage, "--then {} is {} kernels, it takes one", argument,
             steps.back().kernels.size());
    }
}

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

void check_options(const CompareOptions& o) {
    if (kernels_from_stdin(o.filter) + (o.input == "-" ? 1 : 0) > 1) {
        fail(ErrorKind::usage,
             "standard input can be read once, name a file for the kernel or INPUT");
    }
    if (!o.plot.empty()) {
        named("--plot", [&] { check_drawing_name(o.plot); });
        check_output_path(drawing_path(o.plot), {});
    }
    if (!o.write.empty()) named("--write", [&] { check_picture_pattern(o.write); });
    if (!o.difference.empty() && !is_drawing_name(o.difference)) {
        named("--diff", [&] { output_format(o.difference, ""); });
    }
    if (o.ground == Ground::dark && o.plot.empty() && !is_drawing_name(o.difference)) {
        fail(ErrorKind::usage, "--dark is for drawings, use it with --plot or --diff FILE.svg");
    }
    if (!o.sweep.empty() && !o.filter.then.empty())
        fail(ErrorKind::usage, "--sweep takes one kernel, leave --then out");
    if (!o.sweep.empty() && (!o.write.empty() || !o.difference.empty())) {
        fail(ErrorKind::usage, "--sweep gives no pictures, leave out --write and --diff");
    }
}

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

/// A comparison under way: what was asked for, what was read, and what came out.
struct CompareRun {
    const CompareOptions& options;
    const DeviceChoice& chosen;
    FilterSettings settings;
    ImageDocument input;
    MachineState machine;
    std::vector<NamedKernels> kernels;
    std::vector<SweepStep> steps;
    std::vector<std::string> notes;

    bool is_chain() const { return !options.filter.then.empty(); }
    std::vector<FilterStage> stages() const;
    bool interrupted() const { return !steps.empty() && steps.back().comparison.interrupted; }
    std::vector<int> thread_list() const {
        return options.threads.empty() ? std::vector<int>{resolve_threads(0)} : options.threads;
    }
    std::vector<Kernel> kernels_of(std::size_t step) const;
    void measure(std::ostream& err);
    void take_slab();
    void write_files();
    std::string text(std::optional<std::size_t> width) const;
    void print(std::ostream& out) const;
    void judge() const;
};

/// Of all steps; those of a chain are linked.
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

/// Of a volume the slices are compared that one slice of the result is made from.
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

/// Of one step; of all where it is the whole chain.
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

/// Methods are compared by the sums of whole pictures.
void require_sums_alone(const FilterOptions& o) {
    refuse_selection(o, "compare measures the sums of whole pictures");
}

void run_compare(const CompareOptions& o, std::ostream& out, std::ostream& err) {
    check_options(o);
    require_sums_alone(o.filter);
    const DeviceChoice chosen(o.filter.device, takes_approximate_methods(o.filter));
    CompareRun run{o, chosen, filter_settings(o.filter), {}, {}, {}, {}, {}};
    if (!chosen.note().empty()) run.notes.push_back(chosen.note());
    compare_rules(o, chosen.devices());  // names are checked before files are read
    run.kernels = step_kernels(o);
    add_chain(o.filter, run.kernels);
    run.input = read_image(o.input, read_options(o.filter));
    if (o.filter.volume) run.take_slab();
    if (run.input.pages.size() > 1) {
        run.notes.push_back(
            fmt::format("the first of {} pictures is compared", run.input.pages.size()));
        run.input.pages.resize(1);
    }
    const Bank first = make_bank(run.kernels.front().kernels, run.settings);
    run.settings.depth = result_depth(o.filter, run.input.pages.front().type,
                                      run.input.array_rank > 0, first.has_negative_value());
    const SampleType type = run.input.pages.front().type;
    run.settings.nodata = input_nodata(o.filter, type, run.input.metadata);
    if (o.filter.volume) refuse_volume_nodata(run.settings);
    if (o.filter.linear) set_linear_light(run.settings, type, run.input.metadata);
    run.measure(err);
    if (!run.interrupted()) run.write_files();
    run.print(out);
    if (run.interrupted()) {
        out.flush();
        err << "conv-cli: interrupted, these are the results until then\n";
        throw CLI::RuntimeError(kInterrupted);
    }
    run.judge();
}

}  // namespace

void add_compare_command(CLI::App& app, std::ostream& out, std::ostream& err) {
    const auto options = std::make_shared<CompareOptions>();
    CLI::App* command =
        app.add_subcommand("compare", "All methods on one image: time, memory, error");
    add_compare_options(*command, *options);
    command->footer(
        "Example: conv-cli compare -k gaussian:sigma=2 --plot compare.svg photo.jpg\n"
        "         conv-cli compare -k box --sweep sizes=3,7,15 --plot sweep.svg photo.jpg\n"
        "Exit code 1 also where a method is outside its error bound, 130 after Ctrl-C.");
    command->callback([options, &out, &err] { run_compare(*options, out, err); });
}

}  // namespace conv
