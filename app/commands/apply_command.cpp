#include "commands/apply_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/error.hpp"
#include "base/resident_memory.hpp"
#include "files/path_prefix.hpp"
#include "filtering/filter_part.hpp"
#include "machine/profile_file.hpp"
#include "options/filter_options.hpp"
#include "options/output_options.hpp"
#include "options/shard_options.hpp"
#include "results/filter_report.hpp"
#include "results/kernel_json.hpp"
#include "text/json_text.hpp"
#include "text/terminal.hpp"

namespace conv {
namespace {

struct ApplyOptions {
    FilterOptions filter;
    OutputOptions output;
    ShardOptions shard;
    std::vector<std::string> files;
};

bool is_standard_stream(const std::string& path) {
    return path == "-" || path.ends_with(":-") || path == "/dev/stdin" ||
           unprefixed_path(path) == "/dev/stdout";
}

/// Where OUTPUT is a folder, the file of INPUT's name in it, as cp has it.
std::string output_in_folder(const std::string& input, const std::string& output) {
    namespace fs = std::filesystem;
    std::error_code ignored;
    const bool folder = fs::is_directory(output, ignored);
    if (!folder && output.ends_with('/')) {
        fail(ErrorKind::usage, "{}: the folder does not exist, create it first", output);
    }
    if (!folder) return output;
    if (is_standard_stream(input)) {
        fail(ErrorKind::usage, "{}: is a folder, name the file in it", output);
    }
    const fs::path path = fs::path(output) / fs::path(unprefixed_path(input)).filename();
    if (fs::equivalent(input, path, ignored)) {
        fail(ErrorKind::usage, "{}: is the folder of INPUT, name the file to replace it", output);
    }
    return path.string();
}

std::pair<std::string, std::string> input_and_output(const ApplyOptions& o) {
    if (o.files.size() != 2) {
        fail(ErrorKind::usage, "apply takes one INPUT and one OUTPUT, got {} file{}{}",
             o.files.size(), o.files.size() == 1 ? "" : "s",
             o.files.size() > 2 ? ", for many use conv-cli batch -k K -o 'out/{name}' INPUT..."
                                : ", see conv-cli apply --help");
    }
    const std::string& input = o.files[0];
    const std::string output = output_in_folder(input, o.files[1]);
    if (kernels_from_stdin(o.filter) + (is_standard_stream(input) ? 1 : 0) > 1) {
        fail(ErrorKind::usage,
             "standard input can be read once, name a file for the kernel or INPUT");
    }
    if (o.output.json && is_standard_stream(output)) {
        fail(ErrorKind::usage,
             "OUTPUT - and --json both write to standard output, use a file for one");
    }
    return {input, output};
}

nlohmann::ordered_json report_json(const std::string& input, const FileReport& report,
                                   const FilterJob& job, const std::vector<std::string>& notes) {
    const InputSummary& in = report.input;
    nlohmann::ordered_json json{{"schema", "conv-cli/apply/1"}, {"input", input},
                                {"outputs", report.outputs},    {"format", in.format},
                                {"width", in.first.shape.W},    {"height", in.first.shape.H},
                                {"channels", in.first.shape.C}, {"pages", in.pages}};
    json["kernels"] = kernels_json(job.kernels());
    json.update(filter_json(report.filter, report.settings));
    const FileSeconds& seconds = report.seconds;
    json["seconds"] = {{"read", seconds.read},
                       {"filter", seconds.filter},
                       {"write", seconds.write},
                       {"wall", seconds.wall}};
    json["peak_memory_bytes"] = peak_resident_bytes();
    json["notes"] = notes;
    return json;
}

/// Before the outputs appear, so that a report that nobody gets is no success.
void write_json(std::ostream& out, const nlohmann::ordered_json& json) {
    out << json_text(json) << std::flush;
    if (!out) fail(ErrorKind::input, "standard output: cannot be written");
}

/// The whole picture, or the part of it that this process is asked for.
FileReport filter(const CLI::App& command, const ApplyOptions& o, const FilterJob& job,
                  const std::function<void(const FileReport&)>& before_commit) {
    const auto [input, output] = input_and_output(o);
    const std::optional<Shard> shard = asked_shard(o.shard);
    if (!shard) return filter_file({input, output}, job, before_commit);
    const RunIdentity identity = identity_of(command, job.banks());
    return filter_part({input, output, *shard, identity}, job, before_commit);
}

void run_apply(const CLI::App& command, ApplyOptions o, std::ostream& out, std::ostream& err) {
    const std::string input = input_and_output(o).first;
    std::optional<BuiltinProfileOnly> alike;
    if (asked_shard(o.shard)) alike.emplace();
    if (const auto shard = asked_shard(o.shard); shard && o.output.verbose) {
        err << fmt::format("shard: {}/{}{}\n", shard->index, shard->count,
                           shard->source.empty() ? "" : " by " + shard->source);
    }
    FilterJob job(o.filter, o.output.write_options());
    job.set_codec(o.output.codec());
    std::vector<std::string> notes = job.notes();
    const FileReport report = filter(command, o, job, [&](const FileReport& ready) {
        notes.insert(notes.end(), ready.notes.begin(), ready.notes.end());
        if (o.output.json) write_json(out, report_json(input, ready, job, notes));
    });
    if (o.output.verbose) {
        write_input(err, report.input);
        write_decisions(err, report.filter, report.settings);
        write_seconds(err, report.seconds);
    }
    if (!o.output.quiet) write_notes(err, notes);
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
    add_repeat_option(*command, options->filter);
    add_output_options(*command, options->output);
    add_shard_options(*command, options->shard,
                      "part I of N of the picture, into OUTPUT.part-I-of-N for conv-cli join");
    command->footer(
        "Example: conv-cli apply -k sharpen photo.jpg sharp.jpg\n"
        "         conv-cli apply -k sobel -k sobel:direction=y --combine l2 in.png out.png");
    command->callback([command, options, &out, &err] { run_apply(*command, *options, out, err); });
}

}  // namespace conv
