#include "compare/compare_options.hpp"

#include <CLI/CLI.hpp>

#include "options/drawing_option.hpp"
#include "options/option_words.hpp"

namespace conv {
namespace {

void add_measuring_options(CLI::App& command, CompareOptions& o) {
    // One method and one number of threads are the other commands', as is one device of several.
    command.remove_option(command.get_option("--method"));
    command.get_option("--device")
        ->description("cpu, opencl[:n], cuda[:n] or auto (all there are); see conv-cli devices");
    command.remove_option(command.get_option("--threads"));
    command
        .add_option("--methods", o.methods,
                    "names separated by commas, or all (default: all that are predicted to take "
                    "less than 10 s)")
        ->type_name("A,B")
        ->check(offered_words(method_words("all"), OtherValues::text))
        ->delimiter(',')
        ->allow_extra_args(false)
        ->group("Measuring");
    command.add_option("--threads", o.threads, "numbers of threads (default: all cores)")
        ->type_name("N,M")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(CLI::Range(1, 1024))
        ->group("Measuring");
    command
        .add_option("--repeat", o.repeats,
                    "runs of each method at least (slow ones are timed once unless this is given)")
        ->type_name("N")
        ->capture_default_str()
        ->check(CLI::Range(1, 100000))
        ->each([&o](const std::string&) { o.repeats_given = true; })
        ->group("Measuring");
    command.add_option("--warmup", o.warmups, "runs before them that do not count")
        ->type_name("N")
        ->capture_default_str()
        ->check(CLI::Range(1, 1000))
        ->group("Measuring");
    command
        .add_option("--tolerance", o.tolerance,
                    "largest error allowed, in sample units (default: the rounding bound of the "
                    "method)")
        ->type_name("X")
        ->check(CLI::NonNegativeNumber)
        ->group("Measuring");
    command
        .add_option("--sweep", o.sweep, "sizes=3,5,7: repeat for these sizes of a built-in kernel")
        ->type_name("LIST")
        ->group("Measuring");
}

void add_result_options(CLI::App& command, CompareOptions& o) {
    command.add_option("--plot", o.plot, "draw time and memory (with --sweep: time by size)")
        ->type_name("FILE.svg|.png")
        ->group("Results");
    command.add_option("--write", o.write, "write each method's picture, as out-{method}.png")
        ->type_name("FILE")
        ->group("Results");
    command
        .add_option("--diff", o.difference,
                    "picture of the largest difference at each pixel: as .svg or .png with its "
                    "scale, else samples amplified to white")
        ->type_name("FILE")
        ->group("Results");
    add_dark_flag(command, o.ground)->group("Results");
    CLI::Option* json = command.add_flag("--json", o.json, "one JSON document on stdout");
    json->group("Results");
    command.add_flag("-q,--quiet", o.quiet, "no table on stdout")->group("Results");
    command.add_flag("--csv", o.csv, "comma-separated values on stdout")
        ->excludes(json)
        ->group("Results");
}

}  // namespace

void add_compare_options(CLI::App& command, CompareOptions& options) {
    command.add_option("INPUT", options.input, "a picture or .npy array, or -")->required();
    add_filter_options(command, options.filter);
    add_measuring_options(command, options);
    add_result_options(command, options);
}

}  // namespace conv
