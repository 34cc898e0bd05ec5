#pragma once

#include <tiffio.h>

#include <optional>
#include <string>

#include "files/file_format.hpp"
#include "files/formats/tiff/tiff_samples.hpp"

namespace conv {

/// What the directory of one page says.
struct TiffPage {
    std::int64_t width = 0, height = 0;
    int channels = 1, photometric = 0, compression = 0, orientation = 1;
    bool separate_planes = false, is_tiled = false, is_secondary = false;
    std::optional<int> last_extra;  ///< what the last channel is said to be
    TiffSampleForm form;

    bool is_palette() const { return photometric == PHOTOMETRIC_PALETTE; }
    std::int64_t picture_channels() const { return is_palette() ? 3 : channels; }
    bool has_alpha() const {
        const bool known_range =
            form.result() != SampleType::f32 || form.format == SAMPLEFORMAT_IEEEFP;
        return known_range && !is_palette() && last_extra &&
               (*last_extra == EXTRASAMPLE_ASSOCALPHA || *last_extra == EXTRASAMPLE_UNASSALPHA);
    }
};

/// Throws Error{input} with libtiff's last words.
[[noreturn]] void refuse_damaged_tiff(const std::string& name);

/// The value of a tag that holds one number of type T, or `otherwise`.
template <typename T>
T tag(TIFF* tiff, std::uint32_t number, T otherwise) {
    T value = otherwise;
    return TIFFGetFieldDefaulted(tiff, number, &value) == 1 ? value : otherwise;
}

/// Reads the current directory and asks libtiff for RGB where samples are JPEG-coded YCbCr.
TiffPage read_tiff_directory(TIFF* tiff, const std::string& name);

/// Throws Error{unsupported} for samples that are not read, and what check_declared_size and
/// check_plausible throw.
void check_tiff_page(const TiffPage& page, const FileInput& input);

}  // namespace conv
