#include "commands/tune_command.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/error.hpp"
#include "cpu/profiled_device.hpp"
#include "machine/cache_directory.hpp"
#include "machine/profile_file.hpp"
#include "text/terminal.hpp"
#include "text/text_table.hpp"
#include "tuning/tune.hpp"

namespace conv {
namespace {

using Json = nlohmann::ordered_json;

struct TuneOptions {
    bool dry_run = false, json = false;
};

void write_tuning(std::ostream& out, const Tuning& tuning, const std::string& path) {
    TextTable table{"llrrr", {{"method", "problem", "measured ms", "built-in ms", "tuned ms"}}};
    for (const TuneRow& row : tuning.rows) {
        table.rows.push_back({row.method, row.problem, fmt::format("{:.3f}", row.measured * 1e3),
                              fmt::format("{:.3f}", row.before * 1e3),
                              fmt::format("{:.3f}", row.after * 1e3)});
    }
    table.write(out, 2, terminal_width(out));
    out << fmt::format("measured in {:.1f} s{}{}\n", tuning.seconds,
                       path.empty() ? "" : ", kept in ", path);
}

Json tuning_json(const Tuning& tuning, const MachineKey& machine, const std::string& path) {
    Json json{{"schema", "conv-cli/tune/1"},
              {"processor", machine.processor},
              {"code_paths", machine.code_paths},
              {"seconds", tuning.seconds}};
    if (!path.empty()) json["file"] = path;
    json["steps"] = Json::object();
    for (std::size_t i = 0; i < kStepCount; ++i) {
        json["steps"][std::string(step_name(static_cast<Step>(i)))] = tuning.profile.rates[i];
    }
    json["problems"] = Json::array();
    for (const TuneRow& row : tuning.rows) {
        json["problems"].push_back({{"method", row.method},
                                    {"problem", row.problem},
                                    {"measured_seconds", row.measured},
                                    {"builtin_seconds", row.before},
                                    {"tuned_seconds", row.after}});
    }
    return json;
}

void run_tune(const TuneOptions& options, std::ostream& out) {
    const std::string directory = cache_directory();
    if (directory.empty() && !options.dry_run) {
        fail(ErrorKind::usage,
             "tune has nowhere to keep what it measures: neither "
             "XDG_CACHE_HOME nor HOME is an "
             "absolute path, set one, or use --dry-run");
    }
    const MachineKey machine = this_machine();
    const Tuning tuning =
        tune_machine([](const MachineProfile& p) { return cpu_device(p); }, builtin_profile());
    const std::string path = options.dry_run ? std::string() : profile_path(directory, machine);
    if (!path.empty()) store_profile(path, machine, tuning.profile);
    if (options.json) {
        out << tuning_json(tuning, machine, path)
                   .dump(2, ' ', false, Json::error_handler_t::replace)
            << '\n';
    } else {
        write_tuning(out, tuning, path);
    }
}

}  // namespace

void add_tune_command(CLI::App& app, std::ostream& out) {
    const auto options = std::make_shared<TuneOptions>();
    CLI::App* command = app.add_subcommand(
        "tune", "Measures this machine once, in seconds; `auto` then predicts from it");
    command->add_flag("--dry-run", options->dry_run, "measure and print, keep nothing");
    command->add_flag("--json", options->json, "one JSON document on stdout");
    command->footer(
        "Run it while the machine has nothing else to do. The "
        "profile is kept in\n"
        "$XDG_CACHE_HOME/conv-cli, one for each processor model; "
        "`devices` shows it.\n"
        "Example: conv-cli tune");
    command->callback([options, &out] { run_tune(*options, out); });
}

}  // namespace conv
