#include "commands/apply_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/error.hpp"
#include "files/file_bytes.hpp"
#include "files/image_file.hpp"
#include "files/output/output_file.hpp"
#include "options/device_choice.hpp"
#include "options/filter_options.hpp"
#include "options/kernel_source.hpp"
#include "results/filter_report.hpp"
#include "results/output_plan.hpp"
#include "text/terminal.hpp"

namespace conv {
namespace {

struct ApplyOptions {
    FilterOptions filter;
    WriteOptions write;
    std::string metadata = "keep";
    std::vector<std::string> files;
    bool verbose = false, quiet = false, json = false;
};

void add_output_options(CLI::App& command, ApplyOptions& o) {
    command.add_option("--metadata", o.metadata, "keep (ICC, EXIF, resolution) or strip")
        ->type_name("M")
        ->group("Output")
        ->capture_default_str()
        ->check(CLI::IsMember({"keep", "strip"}));
    command
        .add_flag("--overwrite,!--no-overwrite", o.write.overwrite,
                  "replace an existing output (the default), or refuse to")
        ->group("Output");
    command.add_flag("--sync", o.write.sync, "force the output to disk")->group("Output");
    command.add_option("--quality", o.write.quality, "of JPEG and WebP, 1 to 100")
        ->type_name("Q")
        ->group("Output")
        ->capture_default_str()
        ->check(CLI::Range(1, 100));
    command.add_option("--png-compression", o.write.png_compression, "0 (none) to 9 (smallest)")
        ->type_name("N")
        ->group("Output")
        ->capture_default_str()
        ->check(CLI::Range(0, 9));
    command.add_option("--tiff-compression", o.write.tiff_compression, "none, lzw or deflate")
        ->type_name("C")
        ->group("Output")
        ->capture_default_str()
        ->check(CLI::IsMember({"none", "lzw", "deflate"}));
    command.add_flag("-v,--verbose", o.verbose, "name every decision taken, on stderr")
        ->group("Output");
    command.add_flag("-q,--quiet", o.quiet, "only errors on stderr")->group("Output");
    command.add_flag("--json", o.json, "one JSON document on stdout")->group("Output");
}

bool is_standard_stream(const std::string& path) {
    return path == "-" || path.ends_with(":-") || path == "/dev/stdin" || path == "/dev/stdout";
}

std::pair<std::string, std::string> input_and_output(const ApplyOptions& o) {
    if (o.files.size() != 2) {
        fail(ErrorKind::usage, "apply takes one INPUT and one OUTPUT, got {} file{}{}",
             o.files.size(), o.files.size() == 1 ? "" : "s",
             o.files.size() > 2 ? ", use a shell loop: for f in *.png; do conv-cli apply -k K "
                                  "\"$f\" \"out/$f\"; done"
                                : ", see conv-cli apply --help");
    }
    const std::string& input = o.files[0];
    const std::string& output = o.files[1];
    const auto from_stdin = std::count(o.filter.kernels.begin(), o.filter.kernels.end(), "-");
    if (from_stdin + (is_standard_stream(input) ? 1 : 0) > 1) {
        fail(ErrorKind::usage,
             "standard input can be read once, name a file for the kernel or INPUT");
    }
    if (o.json && is_standard_stream(output)) {
        fail(ErrorKind::usage,
             "OUTPUT - and --json both write to standard output, use a file for one");
    }
    return {input, output};
}

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

/// Pages of several depths have no "same" depth.
void require_one_depth(const std::string& path, const ImageDocument& input,
                       const FilterOptions& options) {
    const SampleType first = input.pages.front().type;
    for (const Image& page : input.pages) {
        if (page.type != first && options.depth == "same") {
            fail(ErrorKind::unsupported,
                 "{} has pages of {} and of {}, say with --depth which it shall be",
                 display_name(path), sample_type_name(first), sample_type_name(page.type));
        }
    }
}

void run_apply(ApplyOptions o, std::ostream& out, std::ostream& err) {
    const auto [input_path, output_path] = input_and_output(o);
    o.write.keep_metadata = o.metadata == "keep";
    FilterSettings settings = filter_settings(o.filter);
    const std::vector<Kernel> kernels = all_kernels(o.filter);
    const Bank bank = make_bank(kernels, settings);
    const DeviceChoice chosen(o.filter.device);
    if (settings.method != "auto") find_method(chosen.devices().front(), settings.method);
    if (o.filter.verify) settings.verify_on = &chosen.processor();
    std::vector<std::string> notes;
    if (!chosen.note().empty()) notes.push_back(chosen.note());
    note_asymmetric_image(kernels, settings, notes);
    // What an input cannot change is checked before it is read.
    if (std::filesystem::path(output_path).has_extension()) output_format(output_path, "");

    ImageDocument input = read_image(input_path, read_options(o.filter));
    const bool array_output = output_format(output_path, input.format).name == "npy";
    require_one_depth(input_path, input, o.filter);
    settings.depth =
        result_depth(o.filter, input.pages.front().type, array_output, bank.has_negative_value());
    const ResultLayout layout = result_layout(bank, input.pages, settings);
    const OutputPlan outputs(output_path, input, layout, settings.depth);
    for (const std::string& path : outputs.paths()) check_output_path(path, o.write);

    if (o.verbose) write_input(err, input);
    FilterResult result = filter_pages(chosen.devices(), bank, std::move(input.pages), settings);
    const FilterReport report = result.report;
    if (!report.fallback.empty()) notes.push_back(report.fallback);
    if (o.verbose) write_decisions(err, report, settings);

    OutputFiles files;
    for (auto& [path, document] : outputs.documents(std::move(result), input)) {
        files.add(path, std::move(document), o.write);
    }
    files.commit();
    for (const std::string& note : files.notes()) notes.push_back(note);
    const std::string lost = lost_values_line(report, settings);
    if (!lost.empty()) notes.push_back(lost);
    if (!o.quiet) {
        for (const std::string& note : notes)
            err << "conv-cli: note: " << printable_line(note) << '\n';
    }
    if (o.json) {
        nlohmann::ordered_json json{{"input", input_path}, {"outputs", outputs.paths()}};
        json.update(filter_json(report, settings));
        json["notes"] = notes;
        out << json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
    }
}

}  // namespace

void add_apply_command(CLI::App& app, std::ostream& out, std::ostream& err) {
    const auto options = std::make_shared<ApplyOptions>();
    CLI::App* command = app.add_subcommand("apply", "Filter one image");
    command
        ->add_option("FILES", options->files,
                     "files, or - for standard input and output (png:- names the format); {k} in "
                     "OUTPUT numbers maps, {page} pages")
        ->option_text("INPUT OUTPUT")
        ->required();
    add_filter_options(*command, options->filter);
    add_output_options(*command, *options);
    command->footer(
        "Example: conv-cli apply -k sharpen photo.jpg sharp.jpg\n"
        "         conv-cli apply -k sobel -k sobel:direction=y --combine l2 in.png out.png");
    command->callback([options, &out, &err] { run_apply(*options, out, err); });
}

}  // namespace conv
