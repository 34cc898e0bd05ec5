#pragma once

#include <tiffio.h>

#include <string>
#include <vector>

#include "files/formats/tiff/directory_parser.hpp"
#include "files/formats/tiff/tiff_samples.hpp"
#include "tensor/rows.hpp"

namespace conv {

/// What the directory of one page says about its samples.
struct TiffPage {
    std::int64_t width = 0, height = 0;
    int channels = 1, photometric = 0, compression = 0, predictor = 1, orientation = 1;
    bool separate_planes = false, is_tiled = false, reversed_bits = false, swapped_bytes = false;
    std::int64_t block_width = 0, block_height = 0;  ///< of a tile, or of a strip
    std::vector<std::uint16_t> extra_samples;        ///< what the last channels are said to be
    TiffSampleForm form;

    bool is_palette() const { return photometric == PHOTOMETRIC_PALETTE; }
    bool has_alpha() const;
    bool has_associated_alpha() const {
        return has_alpha() && extra_samples.back() == EXTRASAMPLE_ASSOCALPHA;
    }
    SampleType type() const { return is_palette() ? SampleType::u8 : form.result(); }
    /// The picture as stored, not turned as its orientation says.
    PictureInfo stored_picture() const;
};

/// The value of a tag that holds one number of type T, or `otherwise`.
template <typename T>
T tag(TIFF* tiff, std::uint32_t number, T otherwise) {
    T value = otherwise;
    return TIFFGetFieldDefaulted(tiff, number, &value) == 1 ? value : otherwise;
}

/// A directory of a file as libtiff and as the parser see it.
struct TiffPlace {
    const TiffBytes& bytes;
    const DirectoryParser& parser;
    const TiffEntries& entries;
};

/// Reads the current directory, which is that of `place`, and asks libtiff for RGB where samples
/// are JPEG-coded YCbCr. Throws Error{unsupported} for samples that are not read, Error{input} for
/// an empty page and for one that cannot come out of a file of this size.
TiffPage read_tiff_directory(TIFF* tiff, const TiffPlace& place);

/// The picture that a page is seen as: sides exchanged by orientations 5 to 8.
PictureInfo seen_picture(const TiffPage& page);

/// Asks a reader of the page for RGB where samples are JPEG-coded YCbCr.
void read_colour_mode(TIFF* tiff, const TiffPage& page);

/// What is done to the samples of a page on their way, in words for -v.
std::vector<std::string> sample_notes(const TiffPage& page);

}  // namespace conv
