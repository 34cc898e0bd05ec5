#include "commands/explain_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <sstream>

#include "base/error.hpp"
#include "drawing/canvas.hpp"
#include "explain/explain_page.hpp"
#include "explain/explanation.hpp"
#include "explain/explanation_json.hpp"
#include "explain/explanation_text.hpp"
#include "explain/figure.hpp"
#include "explain/labelled_matrices.hpp"
#include "explain/matrix_text.hpp"
#include "files/file_bytes.hpp"
#include "files/output/whole_file.hpp"
#include "filtering/filter_job.hpp"
#include "filtering/filter_volume.hpp"
#include "options/device_choice.hpp"
#include "options/drawing_option.hpp"
#include "options/filter_options.hpp"
#include "options/filter_settings.hpp"
#include "options/kernel_source.hpp"
#include "options/light_curve.hpp"
#include "options/option_words.hpp"
#include "options/selection_options.hpp"
#include "pipeline/chain_filter.hpp"
#include "tensor/window.hpp"
#include "text/json_text.hpp"
#include "text/terminal.hpp"
#include "text/wrapping.hpp"

namespace conv {
namespace {

struct ExplainOptions {
    FilterOptions filter;
    std::string file, numbers, size;
    std::string lowering = "im2col";
    std::string figure, page;
    bool json = false, quiet = false;
    Ground ground = Ground::white;
};

ExplainInput explain_input(const ExplainOptions& o) {
    const int given =
        (o.file.empty() ? 0 : 1) + (o.numbers.empty() ? 0 : 1) + (o.size.empty() ? 0 : 1);
    if (given != 1) {
        fail(ErrorKind::usage,
             "explain takes one of INPUT, --input \"1 2 3; 4 5 6; 7 8 9\" and --size HxW, got {}",
             given == 0 ? "none" : "several");
    }
    if (!o.numbers.empty()) return input_of_numbers(o.numbers);
    if (!o.size.empty()) return input_of_size(o.size, o.filter.max_pixels);
    return {read_image(o.file, read_options(o.filter)), display_name(o.file), false};
}

void require_one_stdin(const ExplainOptions& o) {
    const auto& kernels = o.filter.kernels;
    if (o.file == "-" && std::find(kernels.begin(), kernels.end(), "-") != kernels.end()) {
        fail(ErrorKind::usage,
             "standard input can be read once, name a file for the kernel or INPUT");
    }
}

/// What a chain does after its first kernel, which the rest of the explanation is about.
std::vector<std::string> later_steps(const FilterOptions& options, const DeviceChoice& chosen,
                                     const ImageDocument& document) {
    if (options.then.empty() && options.repeat == 1) return {};
    const FilterJob job(options, {});
    const PictureInfo page = info_of(document.pages.front());
    const auto stages =
        job.stages_for(page, job.settings_for(page, document.metadata, document.array_rank > 0));
    ChainFilter chain(chosen.devices(), stages, page);
    chain.prepare(0);
    std::vector<std::string> lines;
    // Of the first kernel alone the rest of the explanation tells.
    for (std::size_t i = stages.front().steps > 1 ? 0 : 1; i < stages.size(); ++i) {
        const Choice& choice = chain.stage(i).choice();
        lines.push_back(fmt::format("step {} of {}: {}; {}; method {}, {}", i + 1, stages.size(),
                                    fmt::join(stages[i].bank.decisions, "; "),
                                    format_problem(chain.stage(i).problem()), choice.method->name,
                                    choice.reason));
    }
    return lines;
}

void run_explain(const ExplainOptions& o, std::ostream& out, std::ostream& err) {
    require_one_stdin(o);
    require_one_reader_of_stdin(o.filter);
    if (!o.figure.empty()) named("--svg", [&] { check_drawing_name(o.figure); });
    refuse_selection(o.filter, "explain shows the filtering of a whole picture");
    FilterSettings settings = filter_settings(o.filter);
    std::vector<Kernel> kernels;
    for (const std::string& argument : o.filter.kernels) {
        for (Kernel& kernel : load_kernels(argument, o.filter.kernel_format)) {
            kernels.push_back(std::move(kernel));
        }
    }
    ExplainInput input = explain_input(o);
    if (o.filter.volume && o.size.empty()) {
        input.document =
            middle_slab(std::move(input.document), {make_bank(kernels, settings), settings});
    }
    settings.depth =
        result_depth(o.filter, input.document.pages.front().type, input.document.array_rank > 0,
                     make_bank(kernels, settings).has_negative_value());
    settings.nodata =
        input_nodata(o.filter, input.document.pages.front().type, input.document.metadata);
    if (o.filter.volume) refuse_volume_nodata(settings);
    if (o.filter.linear) {
        set_linear_light(settings, input.document.pages.front().type, input.document.metadata);
    }
    const DeviceChoice chosen(o.filter.device, takes_approximate_methods(o.filter));
    if (settings.method != "auto") {
        named("--method", [&] { find_method(chosen.devices().front(), settings.method); });
    }
    const std::vector<std::string> steps = later_steps(o.filter, chosen, input.document);
    Explanation explanation =
        explain(chosen.devices(), std::move(kernels), settings, std::move(input));
    if (o.filter.volume && o.size.empty())
        explanation.decisions.push_back(explanation.input.document.notes.back());
    explanation.decisions.insert(explanation.decisions.end(), steps.begin(), steps.end());
    if (!o.figure.empty()) {
        write_notes(err,
                    write_whole_file(drawing_path(o.figure),
                                     draw_figure(explanation, o.lowering, o.figure, o.ground)));
    }
    if (!o.page.empty()) write_whole_file(o.page, explain_page(explanation));
    if (o.json) {
        out << json_text(explanation_json(explanation, o.lowering));
        return;
    }
    if (o.quiet) return;
    std::ostringstream text;
    const std::optional<std::size_t> width = terminal_width(out);
    write_explanation(text, explanation, width);
    write_lowering(text, explanation, o.lowering);
    out << fitted(text.str(), width);
}

}  // namespace

void add_explain_command(CLI::App& app, std::ostream& out, std::ostream& err) {
    const auto options = std::make_shared<ExplainOptions>();
    CLI::App* command =
        app.add_subcommand("explain", "What would be done and why; the matrices when small");
    command->add_option("INPUT", options->file, "an image or .npy file");
    command
        ->add_option("--input", options->numbers,
                     "in place of INPUT: \"1 2 3; 4 5 6; 7 8 9\", planes separated by |")
        ->type_name("NUMBERS")
        ->group("Explain");
    command
        ->add_option("--size", options->size,
                     "in place of INPUT: a picture of this size that need not exist")
        ->type_name("HxW[xC]")
        ->group("Explain");
    command
        ->add_option("--lowering", options->lowering,
                     "whose matrices: im2col, toeplitz, rows (what gemm multiplies)")
        ->type_name("L")
        ->group("Explain")
        ->capture_default_str()
        ->check(CLI::IsMember(lowering_names()));
    CLI::Option* figure =
        command->add_option("--svg,--figure", options->figure,
                            "draw the same for a slide, as .svg or .png: one patch marked "
                            "throughout");
    figure->type_name("FILE")->group("Explain");
    add_dark_flag(*command, options->ground, figure)->group("Explain");
    command
        ->add_option("--html", options->page,
                     "write a page for a browser that steps through the product")
        ->type_name("FILE")
        ->group("Explain");
    command->add_flag("--json", options->json, "one JSON document on stdout")->group("Explain");
    command->add_flag("-q,--quiet", options->quiet, "no text on stdout")->group("Explain");
    add_filter_options(*command, options->filter);
    add_repeat_option(*command, options->filter);
    command->footer(
        "Example: conv-cli explain -k \"9 8; 7 6\" --input \"1 2 3; 4 5 6; 7 8 9\" "
        "--padding valid\n"
        "         conv-cli explain -k gaussian:sigma=5 --size 1080x1920x3");
    command->callback([options, &out, &err] { run_explain(*options, out, err); });
}

}  // namespace conv
