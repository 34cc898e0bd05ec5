#pragma once

#include <string>

#include "files/output/output_file.hpp"
#include "files/row_file.hpp"
#include "filtering/filter_file.hpp"
#include "results/output_plan.hpp"

namespace conv {

/// Why a filtering cannot go row by row; empty: it can. It then gives the same bytes as a filtering
/// of the whole picture.
std::string keeps_whole(const FilterJob& job, const OutputPlan& outputs);

/// Filters all pages of `reader` row by row into `files` as `outputs` says, and finishes every
/// file; what is left is to commit. `report` has its input and settings, and gets filter and
/// seconds. `name` is the input in errors. Throws what reader, RowFilter and writers throw.
void filter_by_rows(RowFileReader& reader, const std::string& name, const OutputPlan& outputs,
                    const FilterJob& job, FileReport& report, OutputFiles& files);

}  // namespace conv
