#include "commands/compare_command.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "base/error.hpp"
#include "compare/compare_run.hpp"
#include "compare/pictures.hpp"
#include "drawing/canvas.hpp"
#include "files/output/output_file.hpp"
#include "files/output/whole_file.hpp"
#include "filtering/filter_volume.hpp"
#include "options/filter_settings.hpp"
#include "options/kernel_source.hpp"
#include "options/light_curve.hpp"
#include "options/option_words.hpp"
#include "options/selection_options.hpp"

namespace conv {
namespace {

constexpr int kInterrupted = 130;  // 128 + SIGINT, as shells report it

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
