#include "filtering/filter_file.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>

#include "base/error.hpp"
#include "base/resident_memory.hpp"
#include "base/size.hpp"
#include "files/format_table.hpp"
#include "files/image_file.hpp"
#include "files/opencv_file.hpp"
#include "files/output/output_file.hpp"
#include "files/row_document.hpp"
#include "filtering/filter_chain.hpp"
#include "filtering/filter_volume.hpp"
#include "filtering/input_pages.hpp"
#include "filtering/row_filtering.hpp"
#include "filtering/sample_grid.hpp"
#include "results/filter_report.hpp"
#include "results/ignored_options.hpp"
#include "results/output_plan.hpp"
#include "tensor/window.hpp"
#include "timing/timing.hpp"

namespace conv {
namespace {

/// Encodes a whole document as the job's codec does.
void add_document(const std::string& path, ImageDocument document, const FilterJob& job,
                  OutputFiles& files) {
    const OutputFormat& format = output_format(path, document.format);
    if (job.codec() == Codec::rows && !file_format(format.name).create_rows) {
        fail(ErrorKind::unsupported,
             "{}: --codec rows: {} is written as a whole picture, use --codec auto",
             display_name(path), format.name);
    }
    if (job.codec() != Codec::opencv) return files.add(path, std::move(document), job.write());
    files.add_by(opencv_encoder(format, job.write()), path, std::move(document), job.write());
}

FilterResult filter_in_memory(const FilterJob& job, const FileReport& report, InputPages& input) {
    if (!report.volume)
        return filter_chain(job.devices(), report.stages, std::move(input.document.pages));
    FilterResult result = filter_volume(job.devices(), report.stages, *input.reader);
    if (slices_are_channels(report.input)) result.pages = {{volume_of(std::move(result.pages))}};
    return result;
}

/// The filtering of an input that is wholly in memory.
void filter_whole(InputPages input, const OutputPlan& outputs, const FilterJob& job,
                  FileReport& report, OutputFiles& files) {
    const double start = steady_seconds();
    for (FilterStage& stage : report.stages)
        stage.settings.limits.memory_in_use = report.settings.limits.memory_in_use;
    FilterResult result = filter_in_memory(job, report, input);
    report.filter = result.report;
    if (report.volume) report.filter.decisions.push_back(report.volume->decision);
    input.document.metadata.grid = sample_grid(report.filter, report.stages);
    report.seconds.filter = steady_seconds() - start;
    const double write_start = steady_seconds();
    for (auto& [path, document] : outputs.documents(std::move(result), input.document)) {
        add_document(path, std::move(document), job, files);
    }
    report.seconds.write = steady_seconds() - write_start;
}

bool goes_by_rows(const InputPages& input, const OutputPlan& outputs,
                  const std::string& output_path, const FilterJob& job) {
    const OutputFormat& format = output_format(output_path, input.document.format);
    const bool rows = file_format(format.name).create_rows && job.codec() != Codec::opencv;
    return input.reader && rows && !job.whole_pictures() && keeps_whole(job, outputs).empty();
}

std::int64_t memory_beside(std::int64_t base, std::int64_t max_memory) {
    if (base < max_memory) return max_memory - base;
    fail(ErrorKind::memory, "the program itself takes {}, --max-memory is {}, use more",
         format_bytes(base), format_bytes(max_memory));
}

/// What the process holds besides this filtering; 0 where nothing limits it.
std::int64_t memory_base(const FileOrder& order, const FilterJob& job) {
    if (order.share) return order.share->base;
    return job.read().max_memory ? base_memory_bytes() : 0;
}

/// Whole pictures are filtered as if there were no other: with a share, a method might not fit.
void refuse_share(const FileOrder& order, const FilterJob& job) {
    if (!order.share || order.share->most >= *job.read().max_memory) return;
    fail(ErrorKind::memory, "{}: is not filtered row by row and needs all of --max-memory",
         display_name(order.input));
}

/// Reads, filters and encodes; what is left is to commit.
void filter_into(const FileOrder& order, const FilterJob& job, FileReport& report,
                 OutputFiles& files) {
    const double start = steady_seconds();
    const std::int64_t base = memory_base(order, job);
    ReadOptions options = job.read();
    if (options.max_memory) {
        const std::int64_t most = order.share ? order.share->most : *options.max_memory;
        options.max_memory = memory_beside(base, most);
    }
    InputPages input = open_pages(order.input, options, job.codec(), report.input);
    const OutputPlan outputs = plan_outputs(input.document, order.output, job, report);
    report.settings.limits.memory_in_use = base;
    if (report.volume) take_slabs(options, report, input);
    const bool slabs_of_channels = report.volume && slices_are_channels(report.input);
    if (!slabs_of_channels && goes_by_rows(input, outputs, order.output, job)) {
        return filter_by_rows(*input.reader, input.name, outputs, job, report, files);
    }
    refuse_share(order, job);
    if (input.reader && !report.volume) {
        ImageDocument read = read_document(*input.reader, input.name, options);
        input.reader.reset();
        input.document.pages = std::move(read.pages);
    }
    for (const Image& page : input.document.pages) {
        require_same_depth(input.name, report.input.first.type, page.type, job);
    }
    report.seconds.read = steady_seconds() - start;
    filter_whole(std::move(input), outputs, job, report, files);
}

/// Whether every kernel's weights sum to one, as written with two digits, and nothing is added: a
/// flat picture stays as it is.
bool sums_to_one(const Bank& bank, const FilterSettings& settings) {
    constexpr double kTwoDigits = 0.01;
    return settings.combine != Combine::sum &&
           std::all_of(bank.bias.begin(), bank.bias.end(), [](float b) { return b == 0; }) &&
           std::all_of(bank.sums.begin(), bank.sums.end(),
                       [](double sum) { return std::abs(sum - 1) <= kTwoDigits; });
}

std::string lost_line(const FileReport& report, const std::string& output, const FilterJob& job) {
    const OutputFormat& format = output_format(output, report.input.format);
    const auto& types = format.sample_types;
    ClampedOutput clamped{display_name(output)};
    clamped.holds_floats = std::find(types.begin(), types.end(), SampleType::f32) != types.end();
    const std::vector<Bank>& banks = job.banks();
    clamped.sums_to_one = std::all_of(banks.begin(), banks.end(), [&](const Bank& bank) {
        return sums_to_one(bank, report.settings);
    });
    clamped.sums_to_zero = std::any_of(banks.begin(), banks.end(),
                                       [](const Bank& bank) { return bank.has_zero_sum(); });
    return lost_values_line(report.filter, report.settings, clamped);
}

/// The notes of a file, in the order in which they arise.
std::vector<std::string> notes_of(const FileReport& report, const OutputFiles& files) {
    std::vector<std::string> notes = report.ignored;
    if (!report.filter.fallback.empty()) notes.push_back(report.filter.fallback);
    notes.insert(notes.end(), files.notes().begin(), files.notes().end());
    if (!report.lost_line.empty()) notes.push_back(report.lost_line);
    return notes;
}

}  // namespace

FileReport filter_file(const FileOrder& order, const FilterJob& job,
                       const std::function<void(const FileReport&)>& before_commit) {
    const double start = steady_seconds();
    // What an input cannot change is checked before it is read.
    if (std::filesystem::path(order.output).has_extension()) output_format(order.output, "");
    FileReport report;
    report.share = order.share;
    OutputFiles files;
    filter_into(order, job, report, files);
    report.seconds.wall = steady_seconds() - start;
    report.lost_line = lost_line(report, order.output, job);
    report.ignored =
        ignored_options(job.options(), job.write(),
                        {report.input.format, output_format(order.output, report.input.format).name,
                         report.settings.depth});
    report.notes = notes_of(report, files);
    if (before_commit) before_commit(report);
    files.commit();
    return report;
}

}  // namespace conv
