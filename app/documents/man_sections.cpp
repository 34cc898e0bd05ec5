#include "documents/man_sections.hpp"

#include <fmt/format.h>

#include "files/format_table.hpp"
#include "kernels/builtin.hpp"
#include "text/builtin_list_text.hpp"

namespace conv {
namespace {

ManSection kernels() {
    ManSection section{
        "KERNELS",
        {"A kernel is looked for in this order: a file; a built-in, NAME or NAME:KEY=VALUE,...; "
         "numbers, rows separated by semicolons; an array pasted from a program; - for standard "
         "input. Files may be plain text, libvips matrices, ImageMagick, G'MIC or OpenCV text, "
         ".npy "
         "arrays, or one-channel pictures.",
         "Plain text is rows of numbers, with lines scale:, bias:, anchor: or shape: before them; "
         "a "
         "number may be a fraction as 1/9, and # begins a comment.",
         "The built-in kernels:"},
        {}};
    for (const Builtin& builtin : builtin_kernels()) {
        std::string text = builtin.summary + '.';
        for (const BuiltinParameter& parameter : builtin.parameters) {
            text += fmt::format(" {}: {} ({}; default {}).", parameter.name, parameter.summary,
                                range_text(parameter), parameter.default_text);
        }
        section.entries.push_back({builtin.name, text});
    }
    return section;
}

ManSection files() {
    ManSection section{"FILES",
                       {"Formats are recognised by what a file holds, and written by the output's "
                        "extension, or by a format's name before the path (png:/dev/fd/3)."},
                       {}};
    for (const FileFormat& format : file_formats()) {
        std::vector<std::string> depths, extensions;
        for (const SampleType type : format.holds.sample_types)
            depths.emplace_back(sample_type_name(type));
        for (const std::string& extension : format.holds.extensions)
            extensions.push_back('.' + extension);
        section.entries.push_back(
            {format.holds.name,
             fmt::format("{}; {}{}{}.", fmt::join(extensions, " "), fmt::join(depths, ", "),
                         format.holds.alpha ? ", alpha" : "",
                         format.holds.pages ? ", several pages" : "")});
    }
    return section;
}

ManSection documents() {
    return {
        "JSON",
        {"--json writes one document to standard output. It begins with \"schema\": "
         "\"conv-cli/NAME/VERSION\"; the version rises when a field changes its meaning or goes "
         "away. The same names mean the same in every document: input, format, width, height, "
         "channels, pages, kernels, problem, method, device, depth, seconds, notes. On failure "
         "standard output is empty and the error on standard error. docs/json.md in the sources "
         "describes each."},
        {}};
}

ManSection environment() {
    return {"ENVIRONMENT",
            {},
            {{"COLUMNS",
              "how wide text and tables are to be, also into a pipe; else a terminal's own width."},
             {"OPENBLAS_CORETYPE",
              "the core that OpenBLAS shall take; else conv-cli names one that "
              "fits the processor."},
             {"SLURM_CPUS_PER_TASK", "default of --threads."},
             {"SLURM_ARRAY_TASK_ID, OMPI_COMM_WORLD_RANK, PMI_RANK, PARALLEL_SEQ, "
              "AWS_BATCH_JOB_ARRAY_INDEX, JOB_COMPLETION_INDEX",
              "with those that belong to them: what --shard auto understands."},
             {"XDG_CACHE_HOME", "where programs for OpenCL devices are kept; else ~/.cache."}}};
}

}  // namespace

ManSection man_description() {
    return {
        "DESCRIPTION",
        {"conv-cli filters photographs, microscope stacks, maps and arrays with any convolution "
         "kernel, one file or many, and gives back what the files carried: depth, channels, "
         "profile, metadata. Values lost to clamping are counted, outputs appear whole or not at "
         "all, and the same command gives the same bytes for any number of threads.",
         "The kernel is applied as written (cross-correlation); --convolve turns it by 180 "
         "degrees. Several methods compute the same sums; compare measures them on a picture, "
         "explain shows the matrices, and apply takes the one predicted to be fastest."},
        {}};
}

std::vector<ManSection> man_background() {
    return {kernels(), files(), documents(), environment()};
}

}  // namespace conv
