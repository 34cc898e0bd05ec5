#pragma once

#include <memory>
#include <string>

#include "options/filter_options.hpp"
#include "pipeline/bank.hpp"
#include "pipeline/selection.hpp"

namespace conv {

/// "X,Y,W,H". Throws Error{usage}.
Region parse_region(const std::string& text);

/// What --region and --mask ask for, the mask read; null for neither.
std::shared_ptr<const Selection> selection_of(const FilterOptions& options);

/// For commands that take whole pictures: throws Error{usage} with the reason where --region or
/// --mask is given.
void refuse_selection(const FilterOptions& options, const std::string& reason);

/// The pixels of a picture whose whole window lies inside it.
std::shared_ptr<const Selection> inner_pixels(const Shape& picture, const Bank& bank);

}  // namespace conv
