#include "commands/devices_command.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <sstream>

#include "base/error.hpp"
#include "base/size.hpp"
#include "cpu/cpu_device.hpp"
#include "files/opencv_codec.hpp"
#include "gemm/sgemm.hpp"
#include "machine/processor.hpp"
#include "machine/profile_file.hpp"
#include "options/device_choice.hpp"
#include "text/json_text.hpp"
#include "text/terminal.hpp"
#include "text/text_table.hpp"
#include "text/wrapping.hpp"

namespace conv {
namespace {

using Json = nlohmann::ordered_json;

/// What a module says of itself, or nothing and why in `absent`.
std::string or_absent(std::string (*asked)(), std::string& absent) {
    try {
        return asked();
    } catch (const Error& error) {
        absent = error.what();
        return {};
    }
}

/// Everything the command tells, gathered once for both of its forms.
struct Inventory {
    Processor processor = this_processor();
    std::string openblas_absent, opencv_absent;  ///< why the module cannot be used, or empty
    std::string openblas = or_absent(openblas_configuration, openblas_absent);
    std::string openblas_core = or_absent(openblas_core_name, openblas_absent);
    std::string opencv = or_absent(opencv_version, opencv_absent);
    std::string fftw = fft_library();
    std::string warning;
    Devices devices = open_all_devices();
    LoadedProfile profile = stored_profile();

    Inventory() {
        const char* forced = std::getenv("OPENBLAS_CORETYPE");
        warning = openblas_core_warning(openblas_core, processor.level, forced ? forced : "");
    }
    /// "0.3.21" of "OpenBLAS 0.3.21 NO_LAPACKE ...".
    std::string openblas_version() const {
        const std::size_t begin = openblas.find(' ') + 1;
        return openblas.substr(begin, openblas.find(' ', begin) - begin);
    }
    std::string openblas_level() const {
        const auto level = openblas_core_level(openblas_core);
        return level ? fmt::format(" ({})", simd_level_name(*level)) : "";
    }
};

std::vector<std::string> method_names(const Device& device) {
    std::vector<std::string> names;
    for (const Method& method : device.methods) names.push_back(method.name);
    return names;
}

std::string profile_words(const MachineProfile& profile) {
    return profile.measured ? std::string("measured on this machine by tune")
                            : fmt::format("built in, {}; `conv-cli tune` measures this machine",
                                          profile.machine);
}

std::string inventory_text(const Inventory& all) {
    std::ostringstream out;
    const Processor& cpu = all.processor;
    TextTable table{"ll", {}};
    table.rows.push_back({"processor", printable_line(cpu.name)});
    table.rows.push_back(
        {"", fmt::format("{} usable, {} of memory", counted(cpu.usable_threads, "thread"),
                         format_bytes(cpu.memory_bytes))});
    table.rows.push_back(
        {"SIMD", fmt::format("{}, the best for this processor of {}", cpu.simd_targets.front(),
                             fmt::join(cpu.simd_targets, " "))});
    table.rows.push_back({"OpenBLAS", all.openblas_absent.empty()
                                          ? fmt::format("{}, {} kernels{}", all.openblas_version(),
                                                        all.openblas_core, all.openblas_level())
                                          : "absent: " + printable_line(all.openblas_absent)});
    if (!all.warning.empty()) table.rows.push_back({"", "warning: " + all.warning});
    table.rows.push_back({"OpenCV", all.opencv_absent.empty()
                                        ? all.opencv + ", reads and writes pictures"
                                        : "absent: " + printable_line(all.opencv_absent)});
    table.rows.push_back(
        {"FFTW", all.fftw.empty() ? "not in this build, nor the method fft" : all.fftw});
    table.rows.push_back({"profile", profile_words(all.profile.profile)});
    if (!all.profile.note.empty()) table.rows.push_back({"", printable_line(all.profile.note)});
    table.write(out, 0);
    out << "\nDevices (--device)\n";
    TextTable devices{"ll", {}};
    for (const Device& device : all.devices.found) {
        devices.rows.push_back({device.name, printable_line(device.description)});
        devices.rows.push_back(
            {"", fmt::format("methods: {}", fmt::join(method_names(device), " "))});
    }
    for (const AbsentDevice& device : all.devices.absent) {
        devices.rows.push_back({device.name, "absent: " + printable_line(device.reason)});
    }
    devices.write(out);
    return out.str();
}

Json inventory_json(const Inventory& all) {
    const Processor& cpu = all.processor;
    Json json{{"schema", "conv-cli/devices/1"}};
    json["processor"] = {
        {"name", cpu.name}, {"threads", cpu.usable_threads}, {"memory_bytes", cpu.memory_bytes}};
    if (cpu.level) json["processor"]["simd"] = simd_level_name(*cpu.level);
    json["highway"] = {{"target", cpu.simd_targets.front()}, {"targets", cpu.simd_targets}};
    json["openblas"] = {{"version", all.openblas_version()},
                        {"core", all.openblas_core},
                        {"configuration", all.openblas}};
    if (!all.warning.empty()) json["openblas"]["warning"] = all.warning;
    if (!all.openblas_absent.empty()) json["openblas"]["absent"] = all.openblas_absent;
    json["opencv"] = all.opencv.empty() ? Json() : Json(all.opencv);
    if (!all.opencv_absent.empty()) json["opencv_absent"] = all.opencv_absent;
    json["fftw"] = all.fftw.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(all.fftw);
    json["profile"] = {{"measured", all.profile.profile.measured},
                       {"machine", all.profile.profile.machine}};
    if (!all.profile.note.empty()) json["profile"]["note"] = all.profile.note;
    for (std::size_t i = 0; i < kStepCount; ++i) {
        json["profile"]["seconds"][std::string(step_name(static_cast<Step>(i)))] =
            all.profile.profile.rates[i];
    }
    json["found"] = Json::array();
    for (const Device& device : all.devices.found) {
        json["found"].push_back({{"name", device.name},
                                 {"description", device.description},
                                 {"methods", method_names(device)}});
    }
    json["absent"] = Json::array();
    for (const AbsentDevice& device : all.devices.absent) {
        json["absent"].push_back({{"name", device.name}, {"reason", device.reason}});
    }
    return json;
}

}  // namespace

void add_devices_command(CLI::App& app, std::ostream& out) {
    const auto json = std::make_shared<bool>(false);
    CLI::App* command =
        app.add_subcommand("devices", "What can compute here, and why the rest cannot");
    command->add_flag("--json", *json, "one JSON document on stdout");
    command->footer("Example: conv-cli devices --json");
    command->callback([json, &out] {
        const Inventory all;
        if (*json) {
            out << json_text(inventory_json(all));
        } else {
            out << fitted(inventory_text(all), terminal_width(out));
        }
    });
}

}  // namespace conv
