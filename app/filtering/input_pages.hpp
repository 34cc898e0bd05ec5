#pragma once

#include <memory>
#include <string>

#include "files/row_file.hpp"
#include "filtering/filter_file.hpp"
#include "results/output_plan.hpp"

namespace conv {

/// An input whose pages are in `document`, or are still to be read from `reader`.
struct InputPages {
    std::string name;
    ImageDocument document;
    std::unique_ptr<RowFileReader> reader;
};

/// Opens an input by its format. Throws as read_image.
InputPages open_pages(const std::string& path, const ReadOptions& options, Codec codec,
                      InputSummary& summary);

/// What depends on the first page alone: the settings, and where the results go. Fills them into
/// `report`, whose input is known. Throws as OutputPlan and check_output_path.
OutputPlan plan_outputs(const ImageDocument& document, const std::string& path,
                        const FilterJob& job, FileReport& report);

/// Whether the slices of a volume are the channels of its only picture, and come out so.
bool slices_are_channels(const InputSummary& input);

/// Replaces the reader by one whose pages are the slabs of the volume that was planned.
void take_slabs(const ReadOptions& options, FileReport& report, InputPages& input);

/// Throws Error{unsupported} where pages of two depths have no "same" depth.
void require_same_depth(const std::string& name, SampleType first, SampleType page,
                        const FilterJob& job);

}  // namespace conv
