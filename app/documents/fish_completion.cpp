#include <fmt/format.h>

#include "documents/completions.hpp"

namespace conv {
namespace {

/// A word for fish in single quotes.
std::string fish_quoted(const std::string& text) {
    std::string escaped = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') escaped += '\\';
        escaped += c;
    }
    return escaped + "'";
}

class FishLines {
public:
    explicit FishLines(const std::string& program) : program_(program) {}

    void add(const CommandOutline& command) {
        start_ = fmt::format("complete -c {} -n '__conv_cli_is \"{}\"'", program_, command.path);
        for (const OptionOutline& option : command.options) add(option);
        for (const CommandOutline& sub : command.subcommands)
            lines_ += fmt::format("{} -a {} -d {}\n", start_, sub.name, fish_quoted(sub.summary));
        for (const CommandOutline& sub : command.subcommands) {
            paths_ +=
                fmt::format("            case {}\n                set path {}\n",
                            fish_quoted(command.path + " " + sub.name), fish_quoted(sub.path));
            add(sub);
        }
    }
    const std::string& lines() const { return lines_; }
    const std::string& paths() const { return paths_; }

private:
    void add(const OptionOutline& option) {
        std::string line = start_;
        for (const std::string& name : option.names)
            line += (name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1));
        if (!option.value.empty() && !option.positional())
            line += option.takes_file ? " -r" : " -x";
        if (option.takes_file) line += " -F";
        if (!option.words.empty())
            line +=
                fmt::format(" -a {}", fish_quoted(fmt::format("{}", fmt::join(option.words, " "))));
        lines_ += fmt::format("{} -d {}\n", line, fish_quoted(option.summary));
    }

    std::string program_, start_, lines_, paths_;
};

}  // namespace

std::string fish_completion(const CommandOutline& program) {
    FishLines fish(program.name);
    fish.add(program);
    return fmt::format(R"(# fish completion for {0}
function __conv_cli_is --description 'the command typed so far'
    set -l path {0}
    for word in (commandline -opc)[2..-1]
        switch "$path $word"
{1}        end
    end
    test "$path" = "$argv[1]"
end
complete -c {0} -f
{2})",
                       program.name, fish.paths(), fish.lines());
}

}  // namespace conv
