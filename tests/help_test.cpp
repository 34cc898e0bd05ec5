#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <sstream>

#include "cli.hpp"
#include "documents/completions.hpp"
#include "documents/man_page.hpp"
#include "kernels/builtin.hpp"

using namespace conv;

namespace {

void for_each_command(const CommandOutline& command,
                      const std::function<void(const CommandOutline&)>& visit) {
    visit(command);
    for (const CommandOutline& sub : command.subcommands) for_each_command(sub, visit);
}

std::vector<std::string> words_of_path(const CommandOutline& command) {
    std::istringstream words(command.path);
    std::vector<std::string> all;
    for (std::string word; words >> word;) all.push_back(word);
    return all;
}

/// What `conv-cli ... --help` prints.
std::string help_of(const CommandOutline& command) {
    std::vector<std::string> arguments = words_of_path(command);
    arguments.erase(arguments.begin());
    arguments.emplace_back("--help");
    std::ostringstream out, err;
    REQUIRE(run_cli(arguments, out, err) == 0);
    CHECK(err.str().empty());
    return out.str();
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

const OptionOutline& option_of(const std::string& command, const std::string& name) {
    static const CommandOutline program = command_line_outline();
    const OptionOutline* found = nullptr;
    for_each_command(program, [&](const CommandOutline& candidate) {
        if (candidate.path != "conv-cli " + command) return;
        for (const OptionOutline& option : candidate.options) {
            if (option.value == name || std::count(option.names.begin(), option.names.end(), name))
                found = &option;
        }
    });
    REQUIRE(found != nullptr);
    return *found;
}

/// The page as text: escapes undone, fonts dropped.
std::string plain(std::string roff) {
    for (const auto& [escape, text] :
         {std::pair{"\\fB", ""}, {"\\fI", ""}, {"\\fR", ""}, {"\\-", "-"}, {"\\(aq", "'"}}) {
        const std::string mark = escape;
        for (std::size_t at = 0; (at = roff.find(mark, at)) != std::string::npos;)
            roff.replace(at, mark.size(), text);
    }
    return roff;
}

}  // namespace

TEST_CASE("help: every command has a summary, an example of its own and lines that fit") {
    constexpr std::size_t kColumns = 100;
    for_each_command(command_line_outline(), [&](const CommandOutline& command) {
        CAPTURE(command.path);
        const std::string help = help_of(command);
        CHECK_FALSE(command.summary.empty());
        CHECK(contains(help, "\nExample: " + command.path));
        CHECK(contains(help, "\nUsage: " + command.path + " "));
        std::istringstream lines(help);
        for (std::string line; std::getline(lines, line);) {
            CAPTURE(line);
            CHECK(line.size() <= kColumns);
        }
    });
}

TEST_CASE("help: every option of a command is in its help, with its summary") {
    for_each_command(command_line_outline(), [](const CommandOutline& command) {
        const std::string help = help_of(command);
        for (const OptionOutline& option : command.options) {
            CAPTURE(command.path);
            CAPTURE(option_heading(option));
            CHECK(contains(help, "\n  " + option_heading(option)));
            CHECK_FALSE(option.summary.empty());
            CHECK(contains(help, option.summary.substr(0, option.summary.find(' '))));
        }
    });
}

TEST_CASE("help: words in the declarations are those that the options' readers take") {
    for (const char* name : {"--border", "--padding", "--combine", "--range", "--normalize",
                             "--alpha", "--channels", "--depth", "--layout", "--method"}) {
        const OptionOutline& option = option_of("apply", name);
        CAPTURE(name);
        CHECK(option.words.size() >= 2);
        for (const std::string& word : option.words) {
            CAPTURE(word);
            std::ostringstream out, err;
            // Every option is read before the input, which is what fails.
            CHECK(run_cli({"apply", "-k", "identity", name, word, "/nonexistent.png", "out.png"},
                          out, err) == 1);
            CHECK(contains(err.str(), "/nonexistent.png"));
        }
    }
}

TEST_CASE("help: kernel arguments offer every built-in kernel and files") {
    for (const OptionOutline& option :
         {option_of("apply", "--kernel"), option_of("kernel show", "KERNEL")}) {
        CHECK(option.takes_file);
        for (const Builtin& builtin : builtin_kernels())
            CHECK(std::count(option.words.begin(), option.words.end(), builtin.name) == 1);
    }
}

TEST_CASE("man page: names every command, option and example") {
    const CommandOutline program = command_line_outline();
    const std::string page = plain(man_page(program, "1.2.3"));
    CHECK(contains(page, "conv-cli 1.2.3"));
    for (const char* section :
         {"DESCRIPTION", "KERNELS", "FILES", "JSON", "ENVIRONMENT", "EXIT STATUS", "EXAMPLES"}) {
        CHECK(contains(page, std::string("\n.SH ") + section + "\n"));
    }
    for (const Builtin& builtin : builtin_kernels()) CHECK(contains(page, builtin.name));
    for_each_command(program, [&](const CommandOutline& command) {
        CAPTURE(command.path);
        CHECK(contains(page, command.path));
        for (const OptionOutline& option : command.options) {
            CAPTURE(option_heading(option));
            CHECK(contains(page, option_heading(option)));
        }
        for (const std::string& example : command.examples) {
            std::string shown = example;
            for (std::size_t at = 0; (at = shown.find('"', at)) != std::string::npos;)
                shown.replace(at, 1, "\\(dq");
            CHECK(contains(page, shown));
        }
    });
}

TEST_CASE("man page: a group that two commands share is written once and then referred to") {
    CommandOutline program;
    program.name = program.path = "p";
    program.summary = "Does things.";
    OptionOutline option;
    option.names = {"--shared"};
    option.summary = "shared by both";
    option.group = "Group";
    for (const char* name : {"a", "b"}) {
        CommandOutline command;
        command.name = name;
        command.path = std::string("p ") + name;
        command.summary = "One of two";
        command.options = {option};
        program.subcommands.push_back(command);
    }
    const std::string page = man_page(program, "1");
    CHECK(page.find("shared by both") == page.rfind("shared by both"));
    CHECK(contains(page, "Group: as for\n.BR \"p a\" ."));
}

TEST_CASE("man page: no text is taken for a roff request or escape") {
    CommandOutline program;
    program.name = program.path = "p";
    program.summary = "Does things.";
    program.notes = {".so with a\\b and 'c'"};
    const std::string page = man_page(program, "1");
    CHECK(contains(page, "\n\\&.so with a\\eb and \\(aqc\\(aq\n"));
}

TEST_CASE("completions: every command, option and word is in each shell's file") {
    const CommandOutline program = command_line_outline();
    for (const std::string& text :
         {bash_completion(program), fish_completion(program), zsh_completion(program)}) {
        CAPTURE(text.substr(0, 20));
        for_each_command(program, [&](const CommandOutline& command) {
            CHECK(contains(text, command.name));
            for (const OptionOutline& option : command.options) {
                CAPTURE(option_heading(option));
                for (const std::string& name : option.names)
                    CHECK(contains(text, name.substr(name.starts_with("--") ? 2 : 1)));
                for (const std::string& word : option.words) CHECK(contains(text, word));
            }
        });
        CHECK(contains(text, "reflect101"));
        CHECK_FALSE(contains(text, " ... "));
    }
}
