#include "report.hpp"

#include <fmt/format.h>

#include <fmt/chrono.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/parallel.hpp"
#include "base/size.hpp"
#include "gemm/sgemm.hpp"
#include "onednn_peers.hpp"
#include "opencv_peers.hpp"

namespace conv::bench {
namespace {

std::string cpu_model() {
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);) {
        if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
    }
    return "unknown";
}

/// How many programs want a core, this one not yet counted: figures of a busy machine are suspect.
std::string load_average() {
    double minute = 0;
    return getloadavg(&minute, 1) == 1 ? fmt::format("{:.1f}", minute) : "unknown";
}

/// How oneDNN's threads wait for work.
std::string openmp_waiting() {
    const char* policy = std::getenv("OMP_WAIT_POLICY");
    return fmt::format("wait {}", policy ? policy : "active");
}

/// Derived figures of one measurement; a column each.
struct Figures {
    double fastest_peer_ratio;  ///< above 1: faster than the fastest peer; 0: no peer ran
    double gmacs_per_second, megapixels_per_second;
    double fma_percent, copy_percent;
};

Figures figures(const RowReport& report, const MachineLimits& limits, const Measurement& m) {
    double peer = 0;
    for (const Measurement& other : report.measurements) {
        if (other.role != Role::peer) continue;
        peer = peer == 0 ? other.seconds.median : std::min(peer, other.seconds.median);
    }
    const Problem& p = report.row.problem;
    const double seconds = m.seconds.median;
    return {peer / seconds, p.macs() / seconds / 1e9,
            static_cast<double>(p.P() * p.Q()) / seconds / 1e6,
            100 * p.macs() / seconds / limits.macs_per_second,
            100 * report.traffic_bytes / seconds / limits.copied_bytes_per_second};
}

constexpr int kColumns = 13;
using Cells = std::array<std::string, kColumns>;

const Cells kHeadings = {"contender",  "median ms", "spread ms", "best ms", "samples",
                         "x peer",     "GMAC/s",    "Mpx/s",     "% FMA",   "% memcpy",
                         "prepare ms", "workspace", "model ms"};

Cells cells(const RowReport& report, const MachineLimits& limits, const Measurement& m) {
    const Figures f = figures(report, limits, m);
    const bool part = m.role == Role::part;
    const auto number = [](double value) { return fmt::format("{:.3g}", value); };
    const auto large = [](double value) {
        return value < 100 ? fmt::format("{:.1f}", value) : fmt::format("{:.0f}", value);
    };
    return {part ? "(" + m.name + ")" : m.name,
            fmt::format("{:.3f}", m.seconds.median * 1e3),
            fmt::format("{:.3f}", m.seconds.spread * 1e3),
            fmt::format("{:.3f}", m.seconds.best * 1e3),
            fmt::format("{}", m.seconds.count),
            f.fastest_peer_ratio > 0 ? fmt::format("{:.2f}", f.fastest_peer_ratio) : "",
            large(f.gmacs_per_second),
            large(f.megapixels_per_second),
            large(f.fma_percent),
            large(f.copy_percent),
            m.prepare_seconds > 0 ? number(m.prepare_seconds * 1e3) : "",
            m.workspace_bytes ? format_bytes(*m.workspace_bytes) : "",
            m.predicted_seconds > 0 ? fmt::format("{:.3f}", m.predicted_seconds * 1e3) : ""};
}

/// One line of cells; the first is left-aligned, numbers right.
std::string table_line(const Cells& line, bool markdown) {
    constexpr std::array<int, kColumns> kWidths = {21, 10, 9, 9, 7, 6, 7, 7, 6, 8, 10, 11, 9};
    std::string text = markdown ? "|" : " ";
    for (std::size_t i = 0; i < line.size(); ++i) {
        const int width = kWidths[i];
        text += i == 0 ? fmt::format(" {:<{}} ", line[i], width)
                       : fmt::format(" {:>{}} ", line[i], width);
        if (markdown) text += "|";
    }
    return text + "\n";
}

std::string markdown_rule() {
    std::string text = "|---|";
    for (int i = 1; i < kColumns; ++i) text += "---:|";
    return text + "\n";
}

/// What stands below a table: notes on contenders, and who did not run and why.
std::string format_notes(const RowReport& report) {
    std::string notes;
    if (const auto times = regret(report))
        notes += fmt::format("- regret of auto: {:.2f}\n", *times);
    for (const Measurement& m : report.measurements) {
        if (!m.note.empty()) notes += fmt::format("- {}: {}\n", m.name, m.note);
    }
    for (const Refusal& r : report.refusals) {
        notes += fmt::format("- {} not run: {}\n", r.name, r.reason);
    }
    return notes;
}

nlohmann::json json_measurement(const RowReport& report, const MachineLimits& limits,
                                const Measurement& m) {
    constexpr std::array kRoles = {"ours", "peer", "part"};
    const Figures f = figures(report, limits, m);
    nlohmann::json json = {{"contender", m.name},
                           {"role", kRoles[static_cast<std::size_t>(m.role)]},
                           {"median_seconds", m.seconds.median},
                           {"best_seconds", m.seconds.best},
                           {"spread_seconds", m.seconds.spread},
                           {"samples", m.seconds.count},
                           {"prepare_seconds", m.prepare_seconds},
                           {"gmacs_per_second", f.gmacs_per_second},
                           {"megapixels_per_second", f.megapixels_per_second},
                           {"fma_percent", f.fma_percent},
                           {"copy_percent", f.copy_percent}};
    if (f.fastest_peer_ratio > 0) json["fastest_peer_ratio"] = f.fastest_peer_ratio;
    if (m.predicted_seconds > 0) json["predicted_seconds"] = m.predicted_seconds;
    if (m.workspace_bytes) json["workspace_bytes"] = *m.workspace_bytes;
    if (!m.note.empty()) json["note"] = m.note;
    return json;
}

const MachineLimits& limits_for(const Header& header, int threads) {
    return *std::find_if(header.limits.begin(), header.limits.end(),
                         [&](const MachineLimits& l) { return l.threads == threads; });
}

}  // namespace

Header make_header(const std::vector<int>& threads) {
    Header header;
    const auto now = fmt::gmtime(std::time(nullptr));
    header.facts = {{"date", fmt::format("{:%Y-%m-%d %H:%M} UTC", now)},
                    {"cpu", fmt::format("{}, {} cores", cpu_model(), hardware_threads())},
                    {"load before", load_average()},
                    {"OpenBLAS core", openblas_core_name()},
                    {"OpenBLAS", openblas_configuration()},
                    {"OpenCV", opencv_version()},
                    {"oneDNN", onednn_version()},
                    {"OpenMP threads", openmp_waiting()},
                    {"compiler", "GCC " __VERSION__}};
    for (const int count : threads) {
        header.limits.push_back(measure_limits(count));
        const MachineLimits& limits = header.limits.back();
        header.facts.emplace_back(
            fmt::format("limits, {} thread{}", count, count == 1 ? "" : "s"),
            fmt::format("{:.0f} GMAC/s multiply-add ({}), {:.1f} GB/s memcpy (read + written)",
                        limits.macs_per_second / 1e9, limits.simd_target,
                        limits.copied_bytes_per_second / 1e9));
    }
    return header;
}

std::optional<double> regret(const RowReport& report) {
    constexpr std::string_view kAuto = "auto (";
    std::string chosen;
    double least = std::numeric_limits<double>::infinity(), taken = least;
    for (const Measurement& m : report.measurements) {
        if (m.role != Role::ours) continue;
        least = std::min(least, m.seconds.best);
        if (m.name.starts_with(kAuto)) {
            chosen = m.name.substr(kAuto.size(), m.name.size() - kAuto.size() - 1);
        }
    }
    // The method itself was measured beside `auto`: the better of both is its time.
    for (const Measurement& m : report.measurements) {
        const bool of_chosen = m.name == chosen || m.name.starts_with(kAuto);
        if (m.role == Role::ours && of_chosen) taken = std::min(taken, m.seconds.best);
    }
    if (chosen.empty()) return std::nullopt;
    return taken / least;
}

std::string format_header(const Header& header, Format format) {
    std::string text;
    for (const auto& [name, value] : header.facts) {
        text += format == Format::markdown ? fmt::format("- {}: {}\n", name, value)
                                           : fmt::format("{:<18} {}\n", name, value);
    }
    return text;
}

std::string format_row(const RowReport& report, const MachineLimits& limits, Format format) {
    const bool markdown = format == Format::markdown;
    std::string text =
        fmt::format("\n{}{}: {} {}, {} thread{}\n{}", markdown ? "### " : "", report.row.name,
                    format_problem(report.row.problem), sample_type_name(report.row.type),
                    report.threads, report.threads == 1 ? "" : "s", markdown ? "\n" : "");
    text += table_line(kHeadings, markdown);
    if (markdown) text += markdown_rule();
    for (const Measurement& m : report.measurements) {
        text += table_line(cells(report, limits, m), markdown);
    }
    const std::string notes = format_notes(report);
    return text + (markdown && !notes.empty() ? "\n" : "") + notes;
}

std::string format_json(const Header& header, const std::vector<RowReport>& reports) {
    nlohmann::json document;
    for (const auto& [name, value] : header.facts) document["header"][name] = value;
    document["rows"] = nlohmann::json::array();
    for (const RowReport& report : reports) {
        nlohmann::json row = {{"name", report.row.name},
                              {"problem", format_problem(report.row.problem)},
                              {"type", sample_type_name(report.row.type)},
                              {"threads", report.threads},
                              {"measurements", nlohmann::json::array()},
                              {"not_run", nlohmann::json::array()}};
        for (const Measurement& m : report.measurements) {
            row["measurements"].push_back(
                json_measurement(report, limits_for(header, report.threads), m));
        }
        if (const auto times = regret(report)) row["regret"] = *times;
        for (const Refusal& r : report.refusals) {
            row["not_run"].push_back({{"contender", r.name}, {"reason", r.reason}});
        }
        document["rows"].push_back(std::move(row));
    }
    return document.dump(2) + "\n";
}

}  // namespace conv::bench
