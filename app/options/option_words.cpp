#include "options/option_words.hpp"

#include <fmt/format.h>

#include "base/words.hpp"
#include "cpu/cpu_device.hpp"
#include "devices.hpp"
#include "documents/command_outline.hpp"
#include "kernels/builtin.hpp"

namespace conv {

CLI::Validator offered_words(std::vector<std::string> words, OtherValues others) {
    words.emplace_back(others == OtherValues::file ? kAnyFile : kAnyText);
    // The same form as CLI::IsMember's description.
    return CLI::Validator(fmt::format("{{{}}}", fmt::join(words, ",")));
}

std::vector<std::string> method_words(const std::string& word) {
    std::vector<std::string> words = {word};
    const Devices devices = open_devices();
    for (const Method& method : devices.found.front().methods) words.push_back(method.name);
    for (const Method& method : approximate_methods()) words.push_back(method.name);
    return words;
}

CLI::Validator offered_kernels() {
    return offered_words(names_of(builtin_kernels()), OtherValues::file);
}

}  // namespace conv
