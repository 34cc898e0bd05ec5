#include "commands/batch_command.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>

#include "base/error.hpp"
#include "batch/batch_run.hpp"
#include "batch/batch_talk.hpp"
#include "batch/memory_shares.hpp"
#include "batch/merge_reports.hpp"
#include "batch/orderly_end.hpp"
#include "batch/real_path.hpp"
#include "files/file_bytes.hpp"
#include "files/output/abandoned_files.hpp"
#include "options/batch_options.hpp"
#include "options/filter_settings.hpp"
#include "options/run_identity.hpp"
#include "options/thread_count.hpp"
#include "text/terminal.hpp"

namespace conv {
namespace {

using Json = nlohmann::ordered_json;

void check_usage(const BatchOptions& o) {
    if (o.inputs.empty() && o.lists.empty()) {
        fail(ErrorKind::usage, "batch takes INPUT..., files, folders or - for a list{}",
             o.merge_reports ? "; with --merge-reports reports" : "");
    }
    if (o.merge_reports) return;
    if (o.filter.kernels.empty()) {
        fail(ErrorKind::usage, "--kernel is required, as -k sharpen; see conv-cli kernel list");
    }
    if (o.pattern.empty() && !o.in_place) {
        fail(ErrorKind::usage,
             "--output is required, as -o 'out/{{stem}}.png' ('out/{{name}}' keeps the format), or "
             "--in-place");
    }
    if (o.in_place && o.resume) {
        fail(ErrorKind::usage,
             "--resume and --in-place: a picture that was under way could be filtered twice, write "
             "to a folder with --output");
    }
    const auto from_stdin = kernels_from_stdin(o.filter) +
                            std::count(o.inputs.begin(), o.inputs.end(), "-") +
                            std::count(o.lists.begin(), o.lists.end(), "-");
    if (from_stdin > 1) {
        fail(ErrorKind::usage,
             "standard input can be read once, name a file for the kernel or the list");
    }
}

/// All that can be refused is refused here, before anything is made.
void refuse_plan(const BatchPlan& plan) {
    std::int64_t refused = 0;
    const BatchItem* first = nullptr;
    for (const BatchItem& item : plan.items) {
        if (item.refusal.empty()) continue;
        if (!first) first = &item;
        ++refused;
    }
    if (!first) return;
    fail(ErrorKind::usage, "{}{}", first->refusal,
         refused > 1 ? fmt::format("; and {} more, --dry-run lists them", refused - 1) : "");
}

void print_plan(const BatchPlan& plan, const Manifest& manifest, bool resume, std::ostream& out) {
    for (const BatchItem& item : plan.items) {
        const std::string input = printable_line(item.input), output = printable_line(item.output);
        if (!item.refusal.empty()) {
            out << "refuse " << input << ": " << printable_line(item.refusal) << '\n';
        } else if (access(item.input.c_str(), R_OK) != 0) {
            out << "refuse " << input << ": cannot be read\n";
        } else {
            const bool made = resume && manifest.holds(item);
            out << (made ? "skip " : "make ") << input << " -> " << output << '\n';
        }
    }
}

Json tally_json(const BatchTally& tally, const Shard& shard) {
    Json json{{"schema", "conv-cli/batch-summary/1"},
              {"shard", {{"index", shard.index}, {"count", shard.count}}},
              {"total", tally.total},
              {"done", tally.done},
              {"skipped", tally.skipped},
              {"failed", tally.failed},
              {"input_bytes", tally.bytes},
              {"seconds", tally.seconds},
              {"values", tally.values},
              {"lost", {{"below", tally.below}, {"above", tally.above}}},
              {"failures", Json::array()}};
    for (const auto& [input, why] : tally.failures)
        json["failures"].push_back({{"input", input}, {"error", why}});
    return json;
}

void run_merge(const BatchOptions& o, std::ostream& out, std::ostream& err) {
    const MergedReports merged = merge_reports(o.inputs);
    if (o.report.empty()) {
        for (const std::string& line : merged.lines) out << line << '\n';
    } else {
        AppendFile file(o.report, AppendFile::Old::replace);
        for (const std::string& line : merged.lines) file.add_line(line);
    }
    if (o.output.quiet) return;
    err << fmt::format(
        "conv-cli: batch: {} done, {} skipped, {} failed{}\n", pictures(merged.done),
        merged.skipped, merged.failed,
        merged.torn > 0 ? fmt::format("; {} torn or foreign lines", merged.torn) : "");
}

/// The threads of a batch go to different pictures; only a short list, or little memory, leaves
/// several to one. Gives the number of pictures under way together.
int share_threads(BatchOptions& o, std::size_t items) {
    const int threads = thread_count(o.filter.threads);
    const int at_once = pictures_at_once(threads, items, read_options(o.filter).max_memory);
    o.filter.threads = threads / at_once;
    return at_once;
}

/// Removes what killed runs have left beside the outputs. Gives lines that name it.
std::vector<std::string> remove_left_files(const BatchPlan& plan) {
    std::set<std::string> folders;
    for (const BatchItem& item : plan.items)
        folders.insert(std::filesystem::path(item.output).parent_path().string());
    std::vector<std::string> lines;
    for (const std::string& folder : folders) {
        for (std::string& line : remove_abandoned_files(folder)) lines.push_back(std::move(line));
    }
    return lines;
}

BatchPlan plan_of(const BatchOptions& o, const Shard& shard, std::ostream& err) {
    std::optional<OutputPattern> pattern;
    if (!o.pattern.empty()) pattern.emplace(o.pattern);
    const InputQuery query{o.inputs, o.lists, o.recursive, o.match,
                           pattern ? pattern->folder() : ""};
    BatchPlan plan = plan_batch(query, list_inputs(query), pattern, o.in_place, shard);
    if (o.output.verbose && !o.shard.shard.empty()) {
        err << fmt::format("shard: {}/{}{}, {} of {}\n", shard.index, shard.count,
                           shard.source.empty() ? "" : " by " + shard.source, plan.items.size(),
                           pictures(plan.listed));
    }
    return plan;
}

/// Works on all of the plan; a signal ends it in order until its summary stands.
void work(const BatchPlan& plan, const BatchRun& run, BatchTalk& talk) {
    const OrderlyEnd end([&](int signal) { talk.stopped_by(signal); });
    talk.note(remove_left_files(plan));
    talk.note(run.job.notes());
    run_batch(plan, run, [&](const BatchRecord& record) { talk.finished(record); });
    talk.summarise();
}

void run_batch_command(const CLI::App& command, BatchOptions o, std::ostream& out,
                       std::ostream& err) {
    check_usage(o);
    if (o.merge_reports) return run_merge(o, out, err);
    const Shard shard = asked_shard(o.shard).value_or(Shard{});
    const BatchPlan plan = plan_of(o, shard, err);
    const bool in_place = o.pattern.empty();
    const int at_once = share_threads(o, plan.items.size());
    FilterJob job(o.filter, o.output.write_options());
    job.set_codec(o.output.codec());
    Manifest manifest(plan.folder, identity_of(command, job.banks()));
    if (o.resume) manifest.read();
    if (o.dry_run) print_plan(plan, manifest, o.resume, out);
    refuse_plan(plan);
    if (o.dry_run) return;

    BatchTalk talk(o, shard, static_cast<std::int64_t>(plan.items.size()), err);
    if (!in_place && !plan.items.empty()) make_folder(plan.folder);
    work(plan,
         {job, in_place ? nullptr : &manifest, o.resume, o.stop_on_error, at_once,
          job.read().max_memory},
         talk);
    if (o.output.json)
        out << tally_json(talk.tally(), shard).dump(2, ' ', false, Json::error_handler_t::replace)
            << '\n';
    if (talk.tally().failed > 0) throw CLI::RuntimeError(1);
}

}  // namespace

void add_batch_command(CLI::App& app, std::ostream& out, std::ostream& err) {
    const auto options = std::make_shared<BatchOptions>();
    CLI::App* command = app.add_subcommand("batch", "Filter many images");
    add_batch_options(*command, *options);
    command->footer(
        "Example: conv-cli batch -k sharpen -o 'out/{name}' photos\n"
        "         find scans -name '*.tif' -print0 | conv-cli batch -k log -o 'out/{stem}.png' -\n"
        "         conv-cli batch -k sharpen -o 'out/{name}' --resume --shard auto photos");
    command->callback(
        [command, options, &out, &err] { run_batch_command(*command, *options, out, err); });
}

}  // namespace conv
