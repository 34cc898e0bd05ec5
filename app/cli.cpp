#include "cli.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <memory>
#include <new>
#include <ostream>
#include <sstream>

#include "base/error.hpp"
#include "commands/apply_command.hpp"
#include "commands/compare_command.hpp"
#include "commands/devices_command.hpp"
#include "commands/explain_command.hpp"
#include "commands/kernel_command.hpp"
#include "documents/command_outline.hpp"
#include "documents/help_text.hpp"
#include "files/output/output_file.hpp"
#include "text/terminal.hpp"

namespace conv {
namespace {

constexpr int kDone = 0, kFailed = 1, kUsage = 2;

/// The command that the arguments name, as far as they were read.
const CLI::App& named_command(const CLI::App& app) {
    const CLI::App* named = &app;
    while (!named->get_subcommands().empty()) named = named->get_subcommands().front();
    return *named;
}

/// CLI11's message in this project's form: one line, and where to look.
std::string usage_message(const CLI::App& app, const CLI::ParseError& error) {
    std::string message = error.what();
    const CLI::App* named = &named_command(app);
    // A word in a subcommand's place counts as left over, and CLI11 only says what is missing.
    const std::vector<std::string> words = named->remaining();
    const auto commands = named->get_subcommands([](const CLI::App*) { return true; });
    if (!words.empty() && words.front().front() != '-' && !commands.empty()) {
        message = fmt::format("unknown command '{}', use ", words.front());
        for (const CLI::App* sub : commands)
            message += (sub == commands.front() ? "" : ", ") + sub->get_name();
    }
    while (!message.empty() && (message.back() == '\n' || message.back() == '.'))
        message.pop_back();
    // CLI11 shows an option's words with its value's name where the value is missing.
    if (const std::size_t at = message.find(":{"); at != std::string::npos)
        message.erase(at, message.find('}', at) + 1 - at);
    constexpr std::string_view kConversion = "Could not convert: ";
    if (message.starts_with(kConversion)) {
        message = "'" + message.substr(kConversion.size()) + "' is not understood";
    }
    return message + ", see " + outline_of(*named).path + " --help";
}

int report(std::ostream& err, const std::string& message, int code) {
    err << "conv-cli: error: " << printable_line(message) << std::endl;
    return code;
}

int parse_and_run(CLI::App& app, std::vector<std::string> arguments, std::ostream& out,
                  std::ostream& err) {
    try {
        std::reverse(arguments.begin(), arguments.end());
        app.parse(std::move(arguments));
        return kDone;
    } catch (const CLI::CallForHelp&) {
        out << help_text(outline_of(named_command(app)));
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
    add_compare_command(*app, out, err);
    add_explain_command(*app, out);
    add_kernel_command(*app, out, err);
    add_devices_command(*app, out);
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
