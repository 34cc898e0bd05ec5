#include <fmt/format.h>

#include "documents/completions.hpp"

namespace conv {
namespace {

/// A case of the command's own words: "kernel show" where the program is named first.
std::string inner_path(const CommandOutline& program, const CommandOutline& command) {
    return command.path.substr(std::min(command.path.size(), program.path.size() + 1));
}

/// Lines of a case statement over "<command>" and over "<command>:<option>".
struct Cases {
    std::string commands, words, values;

    void add(const CommandOutline& program, const CommandOutline& command) {
        const std::string path = inner_path(program, command);
        std::string offered;
        for (const CommandOutline& sub : command.subcommands) {
            commands += fmt::format("        '{}') path='{}' ;;\n", path + " " + sub.name,
                                    inner_path(program, sub));
            offered += sub.name + " ";
            add(program, sub);
        }
        std::string options, files;
        for (const OptionOutline& option : command.options) {
            if (!option.positional()) {
                options += fmt::format("{} ", fmt::join(option.names, " "));
                add_values(path, option);
                continue;
            }
            offered += fmt::format("{} ", fmt::join(option.words, " "));
            if (option.takes_file) files = " files=yes";
        }
        words +=
            fmt::format("    '{}') options='{}' words='{}'{} ;;\n", path, options, offered, files);
    }

    void add_values(const std::string& path, const OptionOutline& option) {
        if (option.value.empty()) return;
        std::string patterns;
        for (const std::string& name : option.names)
            patterns += fmt::format("{}'{}:{}'", patterns.empty() ? "" : " | ", path, name);
        values += fmt::format("    {}) options= words='{}' files={} ;;\n", patterns,
                              fmt::join(option.words, " "), option.takes_file ? "yes" : "");
    }
};

}  // namespace

std::string bash_completion(const CommandOutline& program) {
    Cases cases;
    cases.add(program, program);
    std::string text = R"(# bash completion for @program
_@function() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
    local path= options= words= files= word offers
    COMPREPLY=()
    # bash splits --option=value and name:parameter=value at the signs.
    if [[ $current == = || $previous == = ]]; then
        [[ $current == = ]] && current= || previous=${COMP_WORDS[COMP_CWORD-2]}
        [[ $previous == -* ]] || return
    fi
    [[ $current == : || $previous == : ]] && return
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case "$path $word" in
@commands        esac
    done
    case "$path" in
@words    esac
    case "$path:$previous" in
@values    esac
    if [[ $current == -* && -n $options ]]; then
        words=$options files=
    fi
    offers=$(compgen -W "$words" -- "$current")
    if [[ -n $files ]]; then
        compopt -o filenames 2>/dev/null
        offers+=$'\n'$(compgen -f -- "$current")
    fi
    while IFS= read -r word; do
        [[ -n $word ]] && COMPREPLY+=("$word")
    done <<<"$offers"
}
complete -F _@function @program
)";
    std::string function = program.name;
    for (char& c : function) c = c == '-' ? '_' : c;
    for (const auto& [mark, value] :
         {std::pair<std::string, std::string>{"@commands", cases.commands},
          {"@words", cases.words},
          {"@values", cases.values},
          {"@function", function},
          {"@program", program.name}}) {
        for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos;
             at += value.size())
            text.replace(at, mark.size(), value);
    }
    return text;
}

}  // namespace conv
