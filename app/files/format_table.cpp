#include "files/format_table.hpp"

#include "base/error.hpp"
#include "files/formats/bmp_file.hpp"
#include "files/formats/exr/exr_file.hpp"
#include "files/formats/hdr/hdr_file.hpp"
#include "files/formats/jpeg/jpeg_file.hpp"
#include "files/formats/npy_file.hpp"
#include "files/formats/pfm_file.hpp"
#include "files/formats/png/png_file.hpp"
#include "files/formats/pnm_file.hpp"
#include "files/formats/tiff/tiff_file.hpp"
#include "files/formats/webp/webp_file.hpp"

namespace conv {

const std::vector<FileFormat>& file_formats() {
    static const std::vector<FileFormat> formats = {
        png_format(), jpeg_format(), tiff_format(), webp_format(), pnm_format(), pgm_format(),
        pfm_format(), exr_format(),  hdr_format(),  bmp_format(),  npy_format()};
    return formats;
}

const FileFormat& file_format(std::string_view name) {
    for (const FileFormat& format : file_formats()) {
        if (format.holds.name == name) return format;
    }
    fail(ErrorKind::internal, "no file format is called '{}'", name);
}

}  // namespace conv
