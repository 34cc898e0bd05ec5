#include "files/formats/tiff/tiff_file.hpp"

#include <limits>

#include "files/formats/tiff/tiff_file_reader.hpp"
#include "files/formats/tiff/tiff_file_writer.hpp"
#include "files/formats/tiff/tiff_parts.hpp"

namespace conv {
namespace {

bool is_tiff(ByteView head) {
    for (const std::string_view magic :
         {std::string_view("II*\0", 4), std::string_view("MM\0*", 4), std::string_view("II+\0", 4),
          std::string_view("MM\0+", 4)}) {
        if (starts_with(head, magic)) return true;
    }
    return false;
}

}  // namespace

FileFormat tiff_format() {
    return {{.name = "tiff",
             .extensions = {"tif", "tiff"},
             .sample_types = {SampleType::u8, SampleType::u16, SampleType::f32},
             .colours = {},
             .alpha = true,
             .pages = true,
             .largest_side = std::numeric_limits<std::int32_t>::max()},
            is_tiff,
            nullptr,
            nullptr,
            open_tiff_rows,
            create_tiff_rows,
            /*rows_need_seek=*/true,
            join_tiff};
}

}  // namespace conv
