#include "options/device_words.hpp"

#include <fmt/format.h>

#include "devices.hpp"
#include "options/option_words.hpp"

namespace conv {

std::string device_words() {
    std::string words = "cpu";
    for (const std::string& backend : backend_names())
        words += fmt::format(", {}[:n|:all]", backend);
    return words + " or auto";
}

CLI::Validator offered_devices() {
    std::vector<std::string> words = {"cpu", "auto"};
    for (const std::string& backend : backend_names()) words.push_back(backend);
    return offered_words(std::move(words), OtherValues::text);
}

}  // namespace conv
