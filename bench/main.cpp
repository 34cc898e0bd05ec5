#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <regex>

#include "base/error.hpp"
#include "base/parallel.hpp"
#include "conv_contenders.hpp"
#include "cpu/cpu_device.hpp"
#include "cpu/profiled_device.hpp"
#include "modules/openblas_environment.hpp"
#include "onednn_peers.hpp"
#include "opencv_peers.hpp"
#include "report.hpp"
#include "simd_limit.hpp"
#include "timing/thread_clock.hpp"
#include "tuning/tune.hpp"
#include "verification.hpp"

namespace conv::bench {
namespace {

struct Options {
    std::string rows = "^(?!tiny)";
    std::vector<std::string> problems;
    std::string simd;
    std::vector<int> threads = {1};
    Selection selection;
    TimingRules timing;
    bool tuned = false, peers = true, cpu_time = false;
    bool list = false, markdown = false, json = false;

    Format format() const {
        return json ? Format::json : markdown ? Format::markdown : Format::text;
    }
};

std::vector<BenchRow> selected_rows(const std::string& pattern) {
    std::vector<BenchRow> rows;
    try {
        const std::regex wanted(pattern);
        for (BenchRow& row : bench_rows()) {
            if (std::regex_search(row.name, wanted)) rows.push_back(std::move(row));
        }
    } catch (const std::regex_error& error) {
        fail(ErrorKind::usage, "--rows '{}' is no regular expression: {}", pattern, error.what());
    }
    if (rows.empty()) fail(ErrorKind::usage, "no row matches '{}', see --list", pattern);
    return rows;
}

/// The rows asked for: problems by their text form, or rows of the list.
std::vector<BenchRow> wanted_rows(const Options& options) {
    if (options.problems.empty()) return selected_rows(options.rows);
    std::vector<BenchRow> rows;
    for (const std::string& text : options.problems) {
        rows.push_back({text, parse_problem(text), SampleType::f32, KernelKind::random, true});
    }
    return rows;
}

void print(const std::string& text) {
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
}

Field gather(const Device& device, const Operands& operands, const Options& options, int threads) {
    Field field;
    add_conv_contenders(device, operands, options.selection, threads, field);
    if (!options.peers) return field;
    add_opencv_peers(operands, threads, field);
    add_onednn_peers(operands, threads, field);
    return field;
}

/// Runs a contender for a while untimed, until the system has given its threads cores of their own
/// and those of the contender before have gone to sleep.
void wake_threads(const std::function<void()>& run) {
    constexpr double kSeconds = 0.02;
    const double start = steady_seconds();
    do {
        run();
    } while (steady_seconds() - start < kSeconds);
}

RowReport measure(const Operands& operands, Field field, int threads, const Options& options) {
    const Clock clock = options.cpu_time && threads == 1 ? thread_seconds : steady_seconds;
    std::vector<std::function<void()>> bodies;
    std::vector<std::size_t> places;
    for (const Contender& contender : field.contenders) {
        if (threads > 1) bodies.push_back([run = contender.run] { wake_threads(run); });
        places.push_back(bodies.size());
        bodies.push_back(contender.run);
    }
    const auto samples = time_alternately(bodies, options.timing, clock);
    RowReport report{
        operands.row(), threads, operands.traffic_bytes(), {}, std::move(field.refusals)};
    for (std::size_t i = 0; i < places.size(); ++i) {
        const Contender& c = field.contenders[i];
        report.measurements.push_back({c.name, c.role, summarise(samples[places[i]]),
                                       c.prepare_seconds, c.predicted_seconds, c.workspace_bytes,
                                       c.note});
    }
    return report;
}

void print_worst_regret(const std::vector<RowReport>& reports) {
    double worst = 0;
    std::string row;
    for (const RowReport& report : reports) {
        const auto times = regret(report);
        if (!times || *times <= worst) continue;
        worst = *times;
        row = report.row.name;
    }
    if (!row.empty()) print(fmt::format("\nworst regret of auto: {:.2f}, {}\n", worst, row));
}

MachineProfile tuned_profile(const Options& options) {
    const MachineProfile builtin = builtin_profile();
    if (!options.tuned) return builtin;
    MachineProfile tuned =
        tune_machine([](const MachineProfile& p) { return cpu_device(p); }, builtin).profile;
    if (options.json) return tuned;
    print(fmt::format("rates in ns, built in ({}) and measured:\n", builtin.machine));
    for (std::size_t i = 0; i < kStepCount; ++i) {
        print(fmt::format("  {:<16} {:9.4f} {:9.4f}\n", step_name(static_cast<Step>(i)),
                          1e9 * builtin.rates[i], 1e9 * tuned.rates[i]));
    }
    return tuned;
}

/// Runs everything; the number of contenders whose results were wrong.
std::size_t run(const Options& options) {
    const Device device = cpu_device(tuned_profile(options));
    for (const std::string& name : options.selection.methods) {
        if (name != "auto") find_method(device, name);
    }
    const std::vector<BenchRow> rows = wanted_rows(options);
    const Header header = make_header(options.threads);
    if (!options.json) print(format_header(header, options.format()));
    std::vector<RowReport> reports;
    std::size_t failures = 0;
    for (const BenchRow& row : rows) {
        const Operands operands(row);
        for (const MachineLimits& limits : header.limits) {
            Field field = gather(device, operands, options, limits.threads);
            const auto wrong = disagreements(operands, field.contenders);
            for (const std::string& line : wrong) fmt::print(stderr, "FAIL {}\n", line);
            failures += wrong.size();
            if (!wrong.empty()) continue;
            reports.push_back(measure(operands, std::move(field), limits.threads, options));
            if (!options.json) print(format_row(reports.back(), limits, options.format()));
        }
    }
    if (options.json) {
        print(format_json(header, reports));
    } else {
        print_worst_regret(reports);
    }
    return failures;
}

int list_rows(const Options& options) {
    for (const BenchRow& row : wanted_rows(options)) {
        print(fmt::format("{:<24} {} {}{}\n", row.name, format_problem(row.problem),
                          sample_type_name(row.type),
                          row.kernel == KernelKind::gaussian ? " gaussian" : ""));
    }
    return 0;
}

void declare(CLI::App& app, Options& options) {
    constexpr std::size_t kNames = 24;  // columns; with the texts the help has 80
    app.get_formatter()->column_width(kNames);
    auto* rows = app.add_option("--rows", options.rows,
                                "rows whose name this regular expression finds\n"
                                "(default: all but the tiny)");
    rows->option_text("REGEX");
    app.add_option("--problem", options.problems,
                   "in place of rows: a problem, as\n"
                   "n1c3h224w224_k64r7s7_p3_s2, float32; several times")
        ->option_text("P ...")
        ->excludes(rows);
    app.add_option("--methods", options.selection.methods,
                   "methods of conv-cli, separated by commas (default: all)")
        ->option_text("M,...")
        ->delimiter(',');
    app.add_option("--simd", options.simd,
                   "hold conv-cli's own vector code to an instruction set,\nas avx2")
        ->option_text("SET");
    app.add_option("--threads", options.threads,
                   "numbers of threads, each a table of its own (default 1)")
        ->option_text("N,...")
        ->delimiter(',')
        ->check(CLI::Range(1, 1024));
    app.add_option("--repeat", options.timing.repeats,
                   fmt::format("rounds at least (default {})", options.timing.repeats))
        ->option_text("N")
        ->check(CLI::Range(1, 1000000));
    app.add_option("--min-time", options.timing.min_seconds,
                   fmt::format("seconds for each contender at least (default {:g})",
                               options.timing.min_seconds))
        ->option_text("S")
        ->check(CLI::NonNegativeNumber);
    app.add_flag("--parts", options.selection.parts,
                 "also time the sgemm calls of each method alone, and\nim2col's columns");
    app.add_flag("--tune", options.tuned, "let auto predict from rates measured now");
    app.add_flag_callback(
        "--no-peers", [&options] { options.peers = false; }, "conv-cli's methods alone");
    app.add_flag("--cpu-time", options.cpu_time,
                 "on one thread count what it runs, not what it waits\nfor others");
    app.add_flag("--list", options.list, "print the rows and stop");
    auto* markdown = app.add_flag("--markdown", options.markdown, "tables in Markdown");
    auto* json = app.add_flag("--json", options.json, "one JSON document");
    markdown->option_text(" ");
    json->option_text(" ")->excludes(markdown);
}

int run_bench(int argc, char** argv) {
    CLI::App app("Times conv-cli's methods against OpenCV and oneDNN, in turns, on one input.",
                 "conv_bench");
    Options options;
    declare(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& help) {
        return app.exit(help);
    } catch (const CLI::ParseError& error) {
        fail(ErrorKind::usage, "{}, see --help", error.what());
    }
    if (!options.simd.empty()) limit_simd(options.simd);
    if (options.selection.methods.empty()) options.selection.methods = all_methods(cpu_device());
    if (options.list) return list_rows(options);
    return run(options) == 0 ? 0 : 1;
}

/// Libraries read their variables once, when a program starts: so this one starts again where they
/// are not set. OpenMP's threads, those of oneDNN, keep their cores busy for a while after their
/// work unless told not to, and whoever is timed next has them beside it. OpenBLAS takes the core
/// that conv-cli would have it take.
void restart_with_variables(char** argv) {
    constexpr const char* kRestarted = "CONV_BENCH_RESTARTED";
    if (std::getenv(kRestarted)) return;
    setenv(kRestarted, "1", 1);
    setenv("OMP_WAIT_POLICY", "passive", 0);
    set_openblas_environment();
    execv("/proc/self/exe", argv);  // returns where it cannot: the figures then say "active"
}

}  // namespace
}  // namespace conv::bench

int main(int argc, char** argv) {
    conv::bench::restart_with_variables(argv);
    try {
        return conv::bench::run_bench(argc, argv);
    } catch (const conv::Error& error) {
        fmt::print(stderr, "conv_bench: error: {}\n", error.what());
        return error.kind() == conv::ErrorKind::usage ? 2 : 1;
    } catch (const std::exception& error) {
        fmt::print(stderr, "conv_bench: error: {}\n", error.what());
        return 1;
    }
}
