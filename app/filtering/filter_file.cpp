#include "filtering/filter_file.hpp"

#include <chrono>
#include <filesystem>

#include "base/error.hpp"
#include "files/file_bytes.hpp"
#include "files/image_file.hpp"
#include "files/output/output_file.hpp"
#include "results/filter_report.hpp"
#include "results/output_plan.hpp"

namespace conv {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Pages of several depths have no "same" depth.
void require_one_depth(const std::string& path, const ImageDocument& input, const FilterJob& job) {
    const SampleType first = input.pages.front().type;
    for (const Image& page : input.pages) {
        if (page.type != first && job.depth_follows_input()) {
            fail(ErrorKind::unsupported,
                 "{} has pages of {} and of {}, say with --depth which it shall be",
                 display_name(path), sample_type_name(first), sample_type_name(page.type));
        }
    }
}

InputSummary summary_of(const ImageDocument& input) {
    const Image& page = input.pages.front();
    return {input.format,
            {page.type, page.shape, page.has_alpha},
            static_cast<std::int64_t>(input.pages.size()),
            input.notes};
}

/// The notes of a file, in the order in which they arise.
std::vector<std::string> notes_of(const FileReport& report, const OutputFiles& files) {
    std::vector<std::string> notes;
    if (!report.filter.fallback.empty()) notes.push_back(report.filter.fallback);
    notes.insert(notes.end(), files.notes().begin(), files.notes().end());
    const std::string lost = lost_values_line(report.filter, report.settings);
    if (!lost.empty()) notes.push_back(lost);
    return notes;
}

}  // namespace

FileReport filter_file(const std::string& input_path, const std::string& output_path,
                       const FilterJob& job,
                       const std::function<void(const FileReport&)>& before_commit) {
    const Clock::time_point start = Clock::now();
    // What an input cannot change is checked before it is read.
    if (std::filesystem::path(output_path).has_extension()) output_format(output_path, "");
    FileReport report;
    ImageDocument input = read_image(input_path, job.read());
    report.seconds.read = seconds_since(start);
    report.input = summary_of(input);
    require_one_depth(input_path, input, job);
    const bool array_output = output_format(output_path, input.format).name == "npy";
    report.settings = job.settings_for(report.input.first.type, array_output);
    const ResultLayout layout = result_layout(job.bank(), input.pages, report.settings);
    const OutputPlan outputs(output_path, input, layout, report.settings.depth);
    report.outputs = outputs.paths();
    for (const std::string& path : report.outputs) check_output_path(path, job.write());

    const Clock::time_point filter_start = Clock::now();
    FilterResult result =
        filter_pages(job.devices(), job.bank(), std::move(input.pages), report.settings);
    report.filter = result.report;
    report.seconds.filter = seconds_since(filter_start);

    const Clock::time_point write_start = Clock::now();
    OutputFiles files;
    for (auto& [path, document] : outputs.documents(std::move(result), input)) {
        files.add(path, std::move(document), job.write());
    }
    report.seconds.write = seconds_since(write_start);
    report.seconds.wall = seconds_since(start);
    report.notes = notes_of(report, files);
    if (before_commit) before_commit(report);
    files.commit();
    return report;
}

}  // namespace conv
