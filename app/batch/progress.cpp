#include "batch/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/error.hpp"

namespace conv {
namespace {

using namespace std::chrono_literals;

constexpr auto kBarInterval = 100ms;
constexpr auto kLogInterval = 5s;

std::size_t terminal_width() {
    constexpr std::size_t kUsual = 80;
    winsize size{};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsual;
}

double rate(double amount, const BatchTally& tally) {
    return tally.seconds > 0 ? amount / tally.seconds : 0;
}

/// Skipped pictures take no time: the rest is foretold from those that were worked on.
double seconds_left(const BatchTally& tally) {
    const auto worked = static_cast<double>(tally.done + tally.failed);
    const auto left = static_cast<double>(tally.total - tally.finished());
    return worked > 0 ? tally.seconds / worked * left : 0;
}

std::string figures(const BatchTally& tally) {
    std::string text = fmt::format("{}/{}", tally.finished(), tally.total);
    if (tally.failed > 0) text += fmt::format(", {} failed", tally.failed);
    text += fmt::format(", {:.3g} pictures/s, {:.3g} MB/s",
                        rate(static_cast<double>(tally.done + tally.failed), tally),
                        rate(static_cast<double>(tally.bytes) / 1e6, tally));
    if (tally.finished() < tally.total && tally.done + tally.failed > 0)
        text += ", " + duration_text(seconds_left(tally)) + " left";
    return text;
}

nlohmann::ordered_json progress_json(const BatchTally& tally) {
    return {{"schema", "conv-cli/batch-progress/1"},
            {"total", tally.total},
            {"done", tally.done},
            {"skipped", tally.skipped},
            {"failed", tally.failed},
            {"input_bytes", tally.bytes},
            {"seconds", tally.seconds},
            {"seconds_left", seconds_left(tally)}};
}

}  // namespace

ProgressStyle parse_progress(const std::string& word, bool on_terminal) {
    if (word == "auto") return on_terminal ? ProgressStyle::bar : ProgressStyle::none;
    if (word == "bar") return ProgressStyle::bar;
    if (word == "plain") return ProgressStyle::plain;
    if (word == "json") return ProgressStyle::json;
    if (word == "none") return ProgressStyle::none;
    fail(ErrorKind::usage, "--progress '{}' is unknown, use auto, bar, plain, json or none", word);
}

std::string progress_text(const BatchTally& tally, std::size_t width) {
    constexpr std::size_t kMostCells = 24, kFewestCells = 8;
    std::string text = figures(tally);
    const std::size_t room = width > text.size() + 4 ? width - text.size() - 4 : 0;
    if (room < kFewestCells) return text.substr(0, width > 0 ? width - 1 : 0);
    const std::size_t cells = std::min(room, kMostCells);
    const std::size_t full = tally.total > 0 ? cells * static_cast<std::size_t>(tally.finished()) /
                                                   static_cast<std::size_t>(tally.total)
                                             : cells;
    return fmt::format("[{}{}] {}", std::string(full, '#'), std::string(cells - full, '.'), text);
}

Progress::Progress(ProgressStyle style, std::ostream& err) : style_(style), err_(err) {}

void Progress::show(const BatchTally& tally) {
    if (style_ == ProgressStyle::none) return;
    const Clock::time_point now = Clock::now();
    const bool at_end = tally.finished() == tally.total;
    if (now < next_ && !at_end) return;
    if (style_ == ProgressStyle::bar) {
        next_ = now + kBarInterval;
        err_ << '\r' << progress_text(tally, terminal_width()) << "\x1b[K" << std::flush;
        drawn_ = true;
        return;
    }
    next_ = now + kLogInterval;
    if (style_ == ProgressStyle::plain)
        err_ << "conv-cli: batch: " << figures(tally) << std::endl;
    else
        err_ << progress_json(tally).dump() << std::endl;
}

void Progress::clear() {
    if (!drawn_) return;
    err_ << "\r\x1b[K" << std::flush;
    drawn_ = false;
}

}  // namespace conv
