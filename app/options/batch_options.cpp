#include "options/batch_options.hpp"

#include <CLI/CLI.hpp>

#include "options/option_words.hpp"

namespace conv {
namespace {

void add_list_options(CLI::App& command, BatchOptions& o) {
    command
        .add_option("INPUTS", o.inputs,
                    "files, folders, or - for a list on standard input (lines, or NUL-separated as "
                    "find -print0 writes)")
        ->option_text("INPUT");
    command
        .add_option("-o,--output", o.pattern,
                    "where outputs go, as 'out/{stem}.png': {name} {stem} {ext} {dir} {index} of "
                    "the input, {k} maps, {page} pages; missing folders are made")
        ->type_name("PATTERN")
        ->group("Pictures");
    command.add_flag("--recursive", o.recursive, "search folders below folders too")
        ->group("Pictures");
    command
        .add_option("--match", o.match,
                    "files of folders that count, as '*.tif' (default: those with the extension of "
                    "a picture)")
        ->type_name("GLOB")
        ->group("Pictures")
        ->take_all()
        ->allow_extra_args(false);
    command
        .add_option("--from-file", o.lists,
                    "a list of inputs, or - ; lines, or NUL-separated where it holds a NUL")
        ->type_name("LIST")
        ->check(offered_words({}, OtherValues::file))
        ->group("Pictures")
        ->take_all()
        ->allow_extra_args(false);
    command
        .add_flag("--in-place", o.in_place,
                  "outputs may replace their inputs; without --output all do")
        ->group("Pictures");
}

void add_run_options(CLI::App& command, BatchOptions& o) {
    command
        .add_flag("--resume", o.resume,
                  "skip pictures whose output was made from the same input with the same options")
        ->group("Batch");
    command
        .add_flag("--stop-on-error,!--keep-going", o.stop_on_error,
                  "begin no other picture after a failure, or go on (the default)")
        ->group("Batch");
    command.add_flag("--dry-run", o.dry_run, "print what would be made, skipped and refused")
        ->group("Batch");
    command
        .add_option("--progress", o.progress,
                    "on stderr: auto (a bar on a terminal), bar, plain, json, none")
        ->type_name("P")
        ->check(offered_words({"auto", "bar", "plain", "json", "none"}, OtherValues::text))
        ->group("Batch")
        ->capture_default_str();
    command
        .add_option("--report", o.report,
                    "one JSON line a picture; {shard} in the name is this shard's number")
        ->type_name("FILE")
        ->group("Batch");
    command
        .add_flag("--merge-reports", o.merge_reports,
                  "join the reports INPUT... into one, on stdout or in --report, and do nothing "
                  "else")
        ->group("Batch");
}

}  // namespace

void add_batch_options(CLI::App& command, BatchOptions& options) {
    add_list_options(command, options);
    add_filter_options(command, options.filter);
    add_repeat_option(command, options.filter);
    command.get_option("--kernel")->required(false);  // --merge-reports filters nothing
    add_output_options(command, options.output);
    add_run_options(command, options);
    add_shard_options(command, options.shard, "part I of N of the list");
}

}  // namespace conv
