#include "results/filter_report.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/size.hpp"
#include "cpu/cpu_device.hpp"
#include "gemm/sgemm.hpp"

namespace conv {
namespace {

std::string lost_words(const FilterReport& report) {
    return fmt::format("{} below and {} above the range, of {}", report.lost.below,
                       report.lost.above, report.values);
}

/// JSON has no NaN.
nlohmann::ordered_json nodata_json(const Nodata& nodata) {
    if (std::isnan(nodata.value)) return "nan";
    return nodata.value;
}

}  // namespace

nlohmann::ordered_json candidates_json(const Choice& choice) {
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    for (const Candidate& candidate : choice.candidates) {
        nlohmann::ordered_json entry{{"device", candidate.device}, {"method", candidate.method}};
        if (candidate.rejection.empty()) {
            entry["predicted_seconds"] = candidate.seconds;
            if (const auto& parts = candidate.parts) {
                entry["predicted_parts"] = {{"start_up", parts->start_up},
                                            {"upload", parts->upload},
                                            {"compute", parts->compute},
                                            {"download", parts->download}};
            }
            entry["workspace_bytes"] = candidate.workspace_bytes;
        } else {
            entry["rejected"] = candidate.rejection;
        }
        json.push_back(std::move(entry));
    }
    return json;
}

nlohmann::ordered_json filter_json(const FilterReport& report, const FilterSettings& settings) {
    nlohmann::ordered_json json;
    json["problem"] = report.problem;
    json["method"] = report.choice.method->name;
    json["device"] = report.choice.device->name;
    json["reason"] = report.choice.reason;
    json["candidates"] = candidates_json(report.choice);
    if (!report.steps.empty()) {
        json["steps"] = nlohmann::ordered_json::array();
        for (const StepReport& step : report.steps)
            json["steps"].push_back(
                {{"problem", step.problem}, {"method", step.method}, {"device", step.device}});
    }
    json["threads"] = report.threads;
    json["workspace_bytes"] = report.workspace_bytes;
    if (report.device_times) {
        json["device_seconds"] = {{"upload", report.device_times->upload},
                                  {"compute", report.device_times->compute},
                                  {"download", report.device_times->download}};
    }
    const std::string core = loaded_openblas_core();
    json["openblas_core"] = core.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(core);
    json["depth"] = sample_type_name(settings.depth);
    json["range"] = value_range_name(settings.range);
    if (report.alpha) json["alpha"] = alpha_rule_name(*report.alpha);
    if (settings.nodata) json["nodata"] = nodata_json(*settings.nodata);
    if (report.rescaled_from) {
        json["rescaled_from"] = {report.rescaled_from->first, report.rescaled_from->second};
    }
    json["values"] = report.values;
    json["lost"] = {{"below", report.lost.below}, {"above", report.lost.above}};
    json["decisions"] = report.decisions;
    return json;
}

std::string lost_values_line(const FilterReport& report, const FilterSettings& settings,
                             const ClampedOutput& output) {
    const auto lost = static_cast<double>(report.lost.below + report.lost.above);
    const double share = lost / static_cast<double>(report.values);
    if (settings.depth == SampleType::f32 || settings.range == ValueRange::rescale ||
        output.sums_to_one || !(share > kLostShareToMention))
        return {};
    const bool clamps = settings.range == ValueRange::clamp;
    const char* remedy = !clamps               ? "--range rescale"
                         : output.sums_to_zero ? "--range abs or rescale"
                                               : "--normalize sum or --range rescale";
    return fmt::format("{}: {:.1f} % of the values were lost to clamping ({}), use {}{}",
                       output.path, share * 100, lost_words(report), remedy,
                       output.holds_floats ? ", or --depth f32" : "");
}

void write_input(std::ostream& err, const InputSummary& input) {
    const PictureInfo& page = input.first;
    err << fmt::format("input: {}, {} x {}, {} channel{}{}, {}{}\n", input.format, page.shape.W,
                       page.shape.H, page.shape.C, page.shape.C == 1 ? "" : "s",
                       page.has_alpha ? " with alpha" : "", sample_type_name(page.type),
                       input.pages > 1 ? fmt::format(", {} pages", input.pages) : "");
    for (const std::string& note : input.notes) err << "input: " << note << '\n';
}

void write_seconds(std::ostream& err, const FileSeconds& seconds) {
    err << fmt::format("time: read {:.3g} ms, filter {:.3g} ms, write {:.3g} ms, wall {:.3g} ms\n",
                       seconds.read * 1e3, seconds.filter * 1e3, seconds.write * 1e3,
                       seconds.wall * 1e3);
}

void write_decisions(std::ostream& err, const FilterReport& report,
                     const FilterSettings& settings) {
    for (const std::string& decision : report.decisions) err << decision << '\n';
    for (const Method& method : approximate_methods()) {
        if (report.choice.method && report.choice.method->name == method.name)
            err << fmt::format("{}: {}\n", method.name, method.summary);
    }
    const std::string core = loaded_openblas_core();
    err << fmt::format("problem: {}, {} thread{}, {} of workspace{}\n", report.problem,
                       report.threads, report.threads == 1 ? "" : "s",
                       format_bytes(report.workspace_bytes),
                       core.empty() ? "" : ", OpenBLAS core " + core);
    if (const auto& times = report.device_times) {
        err << fmt::format("{}: upload {:.3g} ms, compute {:.3g} ms, download {:.3g} ms\n",
                           report.choice.device->name, times->upload * 1e3, times->compute * 1e3,
                           times->download * 1e3);
    }
    if (report.rescaled_from) {
        err << fmt::format("range: rescale, {:g} becomes 0 and {:g} becomes {:g}\n",
                           report.rescaled_from->first, report.rescaled_from->second,
                           sample_maximum(settings.depth));
    } else {
        err << fmt::format("range: {}, depth {}", value_range_name(settings.range),
                           sample_type_name(settings.depth));
        err << (settings.depth == SampleType::f32 ? std::string("\n")
                                                  : ", " + lost_words(report) + '\n');
    }
}

}  // namespace conv
