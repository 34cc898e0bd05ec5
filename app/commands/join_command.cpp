#include "commands/join_command.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "base/size.hpp"
#include "files/file_bytes.hpp"
#include "files/output/output_target.hpp"
#include "shards/join_parts.hpp"
#include "text/terminal.hpp"

namespace conv {
namespace {

struct JoinOptions {
    std::string output;
    bool sync = false, quiet = false;
};

void run_join(const JoinOptions& o, std::ostream& err) {
    const JoinReport report = join_parts(target_file(o.output), o.sync);
    if (o.quiet) return;
    for (const std::string& note : report.notes)
        err << "conv-cli: note: " << printable_line(note) << '\n';
    const std::string name = display_name(o.output);
    if (!report.was_joined)
        err << fmt::format("conv-cli: join: {} from {} parts, {}\n", name, report.parts,
                           format_bytes(report.bytes));
    else if (report.parts > 0)
        err << fmt::format("conv-cli: join: {} was complete, {} left parts removed\n", name,
                           report.parts);
    else
        err << fmt::format("conv-cli: join: {} has no parts, nothing is done\n", name);
}

}  // namespace

void add_join_command(CLI::App& app, std::ostream& err) {
    const auto options = std::make_shared<JoinOptions>();
    CLI::App* command = app.add_subcommand("join", "Make one file of the parts of apply --shard");
    command->add_option("OUTPUT", options->output, "the file; its parts are OUTPUT.part-I-of-N")
        ->option_text("OUTPUT")
        ->required();
    command->add_flag("--sync", options->sync, "force the output to disk");
    command->add_flag("-q,--quiet", options->quiet, "only errors on stderr");
    command->footer(
        "Example: conv-cli join out.npy\n"
        "Each part is made by: conv-cli apply -k K --shard I/N in.npy out.npy");
    command->callback([options, &err] { run_join(*options, err); });
}

}  // namespace conv
