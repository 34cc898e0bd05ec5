#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "support/command_line.hpp"
#include "support/test_files.hpp"

using namespace conv;
using namespace conv::test;

namespace {

constexpr const char* kWrong = "bad~value";

/// What else a command needs, so that the wrong option alone is wrong.
const std::map<std::string, std::vector<std::string>>& complete_words() {
    static const std::map<std::string, std::vector<std::string>> words = {
        {"apply", {"-k", "box:size=3", "IN", "OUT"}},
        {"batch", {"-k", "box:size=3", "IN", "--output", "OUT"}},
        {"join", {"OUT"}},
        {"compare", {"-k", "box", "IN"}},
        {"explain", {"-k", "box:size=3", "IN"}},
        {"kernel show", {"sobel"}},
        {"kernel list", {}},
        {"kernel convert", {"sobel", "-"}},
        {"kernel check", {"IN"}},
        {"devices", {}},
        {"tune", {}}};
    return words;
}

struct Attempt {
    std::string command;
    OptionOutline option;

    const std::string& name() const { return option.names.back(); }
};

/// Whether any text is a value, as a name: what may be wrong then is the file of that name.
bool takes_any_text(const Attempt& attempt) {
    static const std::set<std::string> names = {"--output", "--match", "--from-file", "--report",
                                                "--mask",   "--html",  "--kernel",    "--then"};
    return names.contains(attempt.name()) ||
           (attempt.command == "kernel list" && attempt.name() == "--input");
}

void collect(const CommandOutline& command, const std::string& path, std::vector<Attempt>& found) {
    for (const CommandOutline& inner : command.subcommands)
        collect(inner, path.empty() ? inner.name : path + " " + inner.name, found);
    for (const OptionOutline& option : command.options) {
        if (!option.positional() && !option.value.empty()) found.push_back({path, option});
    }
}

std::vector<std::string> words_with(const Attempt& attempt, const TemporaryFolder& folder) {
    std::vector<std::string> words = words_of(attempt.command);
    const bool replaces_input = attempt.name() == "--input" || attempt.name() == "--size";
    for (const std::string& word : complete_words().at(attempt.command)) {
        if (word == "IN" && replaces_input) continue;
        words.push_back(word == "IN"    ? sample("logo.png")
                        : word == "OUT" ? folder.file("out.png")
                                        : word);
    }
    words.insert(words.end(), {attempt.name(), kWrong});
    return words;
}

bool names_one_of(const std::string& text, const std::vector<std::string>& names) {
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
        return text.find(name) != std::string::npos;
    });
}

}  // namespace

TEST_CASE("wrong options: a value of nonsense is named with its option, for all of every command") {
    std::vector<Attempt> attempts;
    collect(command_line_outline(), "", attempts);
    CHECK(attempts.size() > 150);
    const TemporaryFolder folder;
    std::size_t tried = 0;
    for (const Attempt& attempt : attempts) {
        CAPTURE(attempt.command);
        CAPTURE(attempt.name());
        REQUIRE(complete_words().contains(attempt.command));
        if (takes_any_text(attempt)) continue;
        const Run result = run(words_with(attempt, folder));
        CAPTURE(result.err);
        CHECK(result.code == 2);
        CHECK(is_one_error_line(result.err));
        CHECK(names_one_of(result.err, attempt.option.names));
        const bool refused_whole = result.err.find("; apply has it") != std::string::npos;
        CHECK((refused_whole || result.err.find(kWrong) != std::string::npos));
        CHECK(folder.entries() == 0);
        ++tried;
    }
    CHECK(tried > 130);
}
