#include "compare/comparison_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/size.hpp"
#include "text/text_table.hpp"

namespace conv {
namespace {

using Json = nlohmann::ordered_json;

/// The figures that are worked out from what was measured.
struct Figures {
    std::optional<double> megapixels, gigamacs, speedup;  ///< a second, a second, times
};

Figures figures_of(const Comparison& comparison, const MethodResult& result) {
    Figures figures;
    if (result.time.count == 0) return figures;
    figures.megapixels = comparison.pixels / result.time.median * 1e-6;
    figures.gigamacs = comparison.macs / result.time.median * 1e-9;
    if (const MethodResult* other = comparison.fastest_other(result)) {
        figures.speedup = other->time.median / result.time.median;
    }
    return figures;
}

std::string optional_number(const std::optional<double>& value, const char* format) {
    return value ? fmt::format(fmt::runtime(format), *value) : "-";
}

/// A column of the table; those of devices are left out where none was timed.
struct Column {
    const char *group, *head;
    bool of_devices = false;
};
const std::vector<Column> kColumns = {
    {"", "method"},        {"", "threads"},        {"", "time"},
    {"", "spread"},        {"", "predicted"},      {"device:", "upload", true},
    {"", "compute", true}, {"", "download", true}, {"eff.", "GMAC/s"},
    {"fastest", "other"},  {"", "memory"},         {"error/", "allowed"}};

/// What stands behind the name of the method that apply would take.
constexpr const char* kAutomaticMark = " *";

std::vector<std::string> cells_of(const Comparison& comparison, const MethodResult& r) {
    const Figures figures = figures_of(comparison, r);
    const bool timed = r.time.count > 0;
    const auto part = [&](double DeviceTimes::*seconds) {
        return r.device_times ? format_seconds((*r.device_times).*seconds) : std::string("-");
    };
    return {r.label() + (r.label() == comparison.automatic ? kAutomaticMark : ""),
            std::to_string(r.threads),
            timed ? format_seconds(r.time.median) : "-",
            r.time.count > 1 ? format_seconds(r.time.spread) : "-",
            format_seconds(r.predicted_seconds),
            part(&DeviceTimes::upload),
            part(&DeviceTimes::compute),
            part(&DeviceTimes::download),
            optional_number(figures.gigamacs, "{:.3g}"),
            optional_number(figures.speedup, "{:.2g}x"),
            format_bytes(r.workspace_bytes),
            fmt::format("{:.2g}{}", r.error_ratio, r.outside() ? " OUTSIDE" : "")};
}

/// What the columns mean, under the table.
std::string legend(const Comparison& comparison) {
    const char* mark = comparison.automatic.empty() ? "" : "* what apply would take\n";
    return fmt::format(
        "{}time: the median; spread: distance of the quartiles\n"
        "eff. GMAC/s: effective, the direct sum's multiplications, whatever is computed\n"
        "fastest other: its time over this one's; memory: booked beside the result\n"
        "errors: before rounding, against {}\n",
        mark, comparison.verification);
}

/// Takes the columns of devices out of every row.
void drop_device_columns(std::vector<std::vector<std::string>>& rows) {
    for (std::size_t i = kColumns.size(); i-- > 0;) {
        if (!kColumns[i].of_devices) continue;
        for (auto& row : rows) row.erase(row.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

std::string quoted_csv(const std::string& text) {
    if (text.find_first_of(",\"\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + '"';
}

bool same_threads(const Comparison& comparison) {
    const auto& results = comparison.results;
    return std::all_of(results.begin(), results.end(), [&](const MethodResult& result) {
        return result.threads == results.front().threads;
    });
}

std::string memory_way(const Comparison& comparison) {
    const bool measured = std::any_of(comparison.results.begin(), comparison.results.end(),
                                      [](const auto& r) { return r.measured_bytes.has_value(); });
    return measured ? "growth of the process's peak resident memory during the run"
                    : "not available here, see the workspace booked";
}

Json result_json(const Comparison& comparison, const MethodResult& r) {
    Json json{{"device", r.device}, {"method", r.method}, {"threads", r.threads}};
    if (!r.refusal.empty()) {
        json["refused"] = r.refusal;
        return json;
    }
    json["predicted_seconds"] = r.predicted_seconds;
    json["predicted_workspace_bytes"] = r.predicted_bytes;
    if (!r.ran) return json;
    if (r.time.count > 0) {
        json["seconds"] = {{"median", r.time.median},
                           {"spread", r.time.spread},
                           {"best", r.time.best},
                           {"samples", r.time.count}};
    }
    if (r.device_times) {
        json["device_seconds"] = {{"upload", r.device_times->upload},
                                  {"compute", r.device_times->compute},
                                  {"download", r.device_times->download}};
    }
    json["prepare_seconds"] = r.prepare_seconds;
    const Figures figures = figures_of(comparison, r);
    if (figures.megapixels) json["megapixels_per_second"] = *figures.megapixels;
    if (figures.gigamacs) json["effective_gigamacs_per_second"] = *figures.gigamacs;
    if (figures.speedup) json["speedup_over_fastest_other"] = *figures.speedup;
    json["workspace_bytes"] = r.workspace_bytes;
    if (r.measured_bytes) json["measured_memory_bytes"] = *r.measured_bytes;
    json["max_error"] = r.largest_error;
    json["mean_error"] = r.mean_error;
    json["allowed_error"] = r.allowed_error;
    json["error_ratio"] = r.error_ratio;
    json["within_bound"] = !r.outside();
    return json;
}

constexpr const char* kCsvHead =
    "kernel,size,problem,device,method,threads,refused,median_seconds,spread_seconds,"
    "predicted_seconds,upload_seconds,compute_seconds,download_seconds,"
    "megapixels_per_second,effective_gigamacs_per_second,speedup_over_fastest_other,workspace_"
    "bytes,"
    "predicted_workspace_bytes,measured_memory_bytes,max_error,mean_error,allowed_error,"
    "within_bound\n";

std::string csv_line(const SweepStep& step, const MethodResult& r) {
    const auto number = [](bool known, double value) {
        return known ? fmt::format("{:.9g}", value) : std::string();
    };
    const auto optional = [&](const std::optional<double>& v) {
        return number(v.has_value(), v.value_or(0));
    };
    const Figures figures = figures_of(step.comparison, r);
    const DeviceTimes parts = r.device_times.value_or(DeviceTimes{});
    const auto part = [&](double seconds) { return number(r.device_times.has_value(), seconds); };
    const bool planned = r.refusal.empty(), timed = r.time.count > 0;
    const std::vector<std::string> fields{quoted_csv(step.kernel),
                                          step.size > 0 ? std::to_string(step.size) : "",
                                          step.comparison.problem,
                                          r.device,
                                          quoted_csv(r.method),
                                          std::to_string(r.threads),
                                          quoted_csv(r.refusal),
                                          number(timed, r.time.median),
                                          number(timed, r.time.spread),
                                          number(planned, r.predicted_seconds),
                                          part(parts.upload),
                                          part(parts.compute),
                                          part(parts.download),
                                          optional(figures.megapixels),
                                          optional(figures.gigamacs),
                                          optional(figures.speedup),
                                          r.ran ? std::to_string(r.workspace_bytes) : "",
                                          planned ? std::to_string(r.predicted_bytes) : "",
                                          r.measured_bytes ? std::to_string(*r.measured_bytes) : "",
                                          number(r.ran, r.largest_error),
                                          number(r.ran, r.mean_error),
                                          number(r.ran, r.allowed_error),
                                          r.ran ? (r.outside() ? "false" : "true") : ""};
    return fmt::format("{}\n", fmt::join(fields, ","));
}

}  // namespace

std::string format_seconds(double seconds) {
    if (seconds >= 10) return fmt::format("{:.1f} s", seconds);
    if (seconds >= 1) return fmt::format("{:.2f} s", seconds);
    if (seconds >= 1e-3) return fmt::format("{:.{}f} ms", seconds * 1e3, seconds < 0.1 ? 2 : 1);
    return fmt::format("{:.1f} us", seconds * 1e6);
}

std::string comparison_table(const SweepStep& step, std::optional<std::size_t> width) {
    const Comparison& comparison = step.comparison;
    std::string text =
        fmt::format("kernel {}, {:.4g} GMAC{}\nproblem {}\n", step.kernel, comparison.macs * 1e-9,
                    same_threads(comparison) && !comparison.results.empty()
                        ? ", " + counted(comparison.results.front().threads, "thread")
                        : "",
                    comparison.problem);
    std::vector<std::vector<std::string>> rows(2);
    for (const Column& column : kColumns) {
        rows[0].push_back(column.group);
        rows[1].push_back(column.head);
    }
    std::string refused;
    for (const MethodResult& result : comparison.results) {
        if (!result.refusal.empty()) {
            // The same with every number of threads, as a rule: said once.
            const std::string line =
                fmt::format("{}: not run, {}\n", result.label(), result.refusal);
            if (refused.find(line) == std::string::npos) refused += line;
        } else if (result.ran) {
            rows.push_back(cells_of(comparison, result));
        }
    }
    const bool on_devices =
        std::any_of(comparison.results.begin(), comparison.results.end(),
                    [](const MethodResult& r) { return r.device_times.has_value(); });
    if (!on_devices) drop_device_columns(rows);
    if (same_threads(comparison)) {
        for (auto& row : rows) row.erase(row.begin() + 1);
    }
    std::ostringstream table;
    TextTable{"lr", std::move(rows)}.write(table, 0, width);
    text += table.str() + refused;
    if (comparison.verification.empty()) return text;  // stopped before anything ran
    return text + legend(comparison);
}

Json comparison_json(const SweepStep& step) {
    Json json{{"kernel", step.kernel}};
    if (step.size > 0) json["size"] = step.size;
    if (!step.comparison.automatic.empty()) json["automatic"] = step.comparison.automatic;
    json["problem"] = step.comparison.problem;
    json["gigamacs"] = step.comparison.macs * 1e-9;
    json["verified_against"] = step.comparison.verification;
    json["measured_memory"] = memory_way(step.comparison);
    json["results"] = Json::array();
    for (const MethodResult& result : step.comparison.results) {
        json["results"].push_back(result_json(step.comparison, result));
    }
    return json;
}

std::string comparison_csv(const std::vector<SweepStep>& steps) {
    std::string text = kCsvHead;
    for (const SweepStep& step : steps) {
        for (const MethodResult& result : step.comparison.results) text += csv_line(step, result);
    }
    return text;
}

}  // namespace conv
