#include "cli.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <memory>
#include <new>
#include <ostream>
#include <sstream>

#include "base/error.hpp"
#include "commands/apply_command.hpp"
#include "commands/batch_command.hpp"
#include "commands/compare_command.hpp"
#include "commands/devices_command.hpp"
#include "commands/explain_command.hpp"
#include "commands/join_command.hpp"
#include "commands/kernel_command.hpp"
#include "commands/tune_command.hpp"
#include "documents/command_outline.hpp"
#include "documents/help_text.hpp"
#include "files/output/end_signals.hpp"
#include "options/usage_message.hpp"
#include "text/terminal.hpp"

namespace conv {
namespace {

constexpr int kDone = 0, kFailed = 1, kUsage = 2;

int report(std::ostream& err, const std::string& message, int code) {
    err << "conv-cli: error: " << printable_line(message) << std::endl;
    return code;
}

int parse_and_run(CLI::App& app, std::vector<std::string> arguments, std::ostream& out,
                  std::ostream& err) {
    try {
        arguments = with_help_words_as_options(std::move(arguments));
        std::reverse(arguments.begin(), arguments.end());
        app.parse(std::move(arguments));
        return kDone;
    } catch (const CLI::CallForHelp&) {
        if (const auto unknown = unknown_command(app)) return report(err, *unknown, kUsage);
        out << help_text(outline_of(named_command(app)), terminal_width(out));
        return kDone;
    } catch (const CLI::CallForVersion&) {
        out << app.version() << '\n';
        return kDone;
    } catch (const CLI::RuntimeError& ended) {
        return ended.get_exit_code();
    } catch (const CLI::ParseError& error) {
        return report(err, usage_message(app, error), kUsage);
    }
}

/// The whole command line: every subcommand with its options, and what it does.
std::unique_ptr<CLI::App> build_app(std::ostream& out, std::ostream& err) {
    auto app = std::make_unique<CLI::App>(
        "Filters images by convolution, computed as matrix multiplication.", "conv-cli");
    app->get_help_ptr()->description("print this help");
    app->set_version_flag("--version", std::string("conv-cli ") + CONV_VERSION,
                          "print the version");
    app->require_subcommand(1);
    app->footer(
        "Example: conv-cli apply --kernel gaussian:sigma=2 in.png out.png\n"
        "Exit codes: 0 done, 1 it failed (file, memory), 2 wrong usage or a bad kernel.");
    add_apply_command(*app, out, err);
    add_batch_command(*app, out, err);
    add_join_command(*app, err);
    add_compare_command(*app, out, err);
    add_explain_command(*app, out, err);
    add_kernel_command(*app, out, err);
    add_devices_command(*app, out);
    add_tune_command(*app, out);
    return app;
}

}  // namespace

CommandOutline command_line_outline() {
    std::ostringstream unused;
    return outline_of(*build_app(unused, unused));
}

int run_cli(std::vector<std::string> arguments, std::ostream& out, std::ostream& err) {
    try {
        remove_pending_files_on_signals();
        const auto app = build_app(out, err);
        const int code = parse_and_run(*app, std::move(arguments), out, err);
        out.flush();
        if (!out) end_where_reader_left();
        if (code == kDone && !out)
            return report(err, "standard output: cannot be written", kFailed);
        return code;
    } catch (const Error& error) {
        return report(err, error.what(), error.kind() == ErrorKind::usage ? kUsage : kFailed);
    } catch (const std::bad_alloc&) {
        return report(err, "not enough memory, use a smaller picture or --max-memory", kFailed);
    } catch (const std::exception& error) {
        return report(err, std::string("unexpected: ") + error.what(), kFailed);
    } catch (...) {
        return report(err, "unexpected failure of a library", kFailed);
    }
}

}  // namespace conv
