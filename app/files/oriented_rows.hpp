#pragma once

#include <memory>
#include <string>
#include <vector>

#include "files/row_file.hpp"

namespace conv {

/// Turns a page's header as its EXIF block says that the picture is seen, 5 to 8 with height and
/// width exchanged; says so in the block and in `notes`. Returns the orientation, for
/// oriented_rows().
int orient_header(PageHeader& header, std::vector<std::string>& notes);

/// The rows of the picture as EXIF orientation 1 to 8 says that it is seen. 2 mirrors every row; 3
/// and 4 read from below where `rows` can seek. Otherwise, and for 5 to 8, the picture is kept in
/// memory once its first row is asked for, and memory_bytes() counts it.
std::unique_ptr<RowReader> oriented_rows(std::unique_ptr<RowReader> rows, int orientation);

/// A file whose pages are seen as their EXIF blocks say.
std::unique_ptr<RowFileReader> oriented_file(std::unique_ptr<RowFileReader> file);

}  // namespace conv
