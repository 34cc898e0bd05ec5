// Command lines: words of the input, one a line, behind a command that makes no file. It ends in
// one of the three exit codes, and a refusal is one line.
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "cli.hpp"

namespace {

/// Whether the words name no file and ask for no long work: a slash stands in a fraction alone, and
/// numbers are short.
bool is_harmless(std::string_view text) {
    const auto is_digit = [&](std::size_t i) {
        return i < text.size() && std::isdigit(static_cast<unsigned char>(text[i])) != 0;
    };
    std::size_t digits = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        digits = is_digit(i) ? digits + 1 : 0;
        if (digits > 2 || text[i] == '\0') return false;
        if (text[i] == '/' && !(i > 0 && is_digit(i - 1) && is_digit(i + 1))) return false;
        if (text[i] == 'e' && i > 0 && is_digit(i - 1)) return false;  // 1e9
    }
    return true;
}

/// Opening a device would be long work, and is the driver's own.
bool names_device(std::string_view text) {
    return text.find("opencl") != std::string_view::npos ||
           text.find("cuda") != std::string_view::npos ||
           text.find("auto") != std::string_view::npos;
}

std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) words.push_back(line);
    return words;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    // Words without a slash name files of this folder, of which there are none, and it takes none.
    if (chdir("/proc/self") != 0 || std::freopen("/dev/null", "r", stdin) == nullptr) std::abort();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t kMost = 200;
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (size > kMost || !is_harmless(text) || names_device(text)) return 0;
    std::vector<std::string> words = words_of(text);
    if (words.empty()) return 0;
    // A named method or device may start threads and drivers; `explain` plans and draws alone.
    words.insert(words.begin(), "explain");
    std::ostringstream out, err;
    const int code = conv::run_cli(words, out, err);
    if (code < 0 || code > 2) std::abort();
    const std::string talk = err.str();
    const std::string error = "conv-cli: error: ";
    const auto lines = std::count(talk.begin(), talk.end(), '\n');
    if (code != 0 && (talk.rfind(error, 0) != 0 || lines != 1)) std::abort();
    return 0;
}
