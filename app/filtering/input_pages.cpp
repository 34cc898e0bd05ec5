#include "filtering/input_pages.hpp"

#include "base/error.hpp"
#include "files/format_table.hpp"
#include "files/image_file.hpp"
#include "files/output/output_file.hpp"
#include "files/row_document.hpp"
#include "filtering/filter_volume.hpp"
#include "tensor/window.hpp"

namespace conv {

InputPages open_pages(const std::string& path, const ReadOptions& options, Codec codec,
                      InputSummary& summary) {
    OpenInput open = open_input(path);
    InputPages input{open.source->name(), {}, nullptr};
    input.reader = open_row_file(open, options, codec);
    if (input.reader) {
        input.document = input.reader->document();
        input.document.format = open.format->holds.name;
        PageHeader first = input.reader->header(0);
        input.document.metadata = std::move(first.metadata);
        summary.first = first.picture;
        summary.pages = input.reader->page_count();
    } else {
        input.document = read_image(std::move(open), options);
        summary.first = info_of(input.document.pages.front());
        summary.pages = static_cast<std::int64_t>(input.document.pages.size());
    }
    summary.format = input.document.format;
    summary.notes = input.document.notes;
    return input;
}

bool slices_are_channels(const InputSummary& input) {
    return input.pages == 1 && input.first.shape.C > 1;
}

namespace {

/// Plans the volume that the input is. Slices come out as they came: as pages, or as the channels
/// of one picture.
ResultLayout plan_slices(FileReport& report) {
    const InputSummary& input = report.input;
    const bool channels = slices_are_channels(input);
    report.volume = plan_volume(report.stages.front(), channels ? input.first.shape.C : input.pages,
                                input.first.type);
    report.stages = report.volume->stages;
    const std::int64_t results = report.volume->rule.results;
    ResultLayout layout;
    layout.volume = !channels;
    layout.pages = channels ? 1 : results;
    layout.channels = channels ? results : 1;
    return layout;
}

}  // namespace

OutputPlan plan_outputs(const ImageDocument& document, const std::string& path,
                        const FilterJob& job, FileReport& report) {
    const PictureInfo& first = report.input.first;
    const bool array_output = output_format(path, document.format).name == "npy";
    report.settings = job.settings_for(first, document.metadata, array_output);
    report.stages = job.stages_for(first, report.settings);
    const ResultLayout layout = job.volume()
                                    ? plan_slices(report)
                                    : result_layout(report.stages, first, report.input.pages);
    OutputPlan outputs(path, document, layout, report.settings.depth);
    report.outputs = outputs.paths();
    for (const std::string& file : report.outputs) check_output_path(file, job.write());
    return outputs;
}

void take_slabs(const ReadOptions& options, FileReport& report, InputPages& input) {
    if (slices_are_channels(report.input) && input.reader) {
        input.document.pages = read_document(*input.reader, input.name, options).pages;
        input.reader.reset();
    }
    if (!input.reader) {
        input.reader = document_rows(stack_of(input.document), DocumentPages::stay);
        input.document.pages.clear();
    }
    input.reader = std::make_unique<VolumePages>(std::move(input.reader), report.volume->rule);
}

void require_same_depth(const std::string& name, SampleType first, SampleType page,
                        const FilterJob& job) {
    if (page == first || !job.depth_follows_input()) return;
    fail(ErrorKind::unsupported, "{} has pages of {} and of {}, say with --depth which it shall be",
         name, sample_type_name(first), sample_type_name(page));
}

}  // namespace conv
