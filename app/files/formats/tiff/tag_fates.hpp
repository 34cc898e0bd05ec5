#pragma once

#include <cstdint>
#include <string>

#include "files/tiff_tags.hpp"

namespace conv {

/// Tags that are named here because code works with them.
enum TiffTagNumber : std::uint16_t {
    kTagNewSubfileType = 254,
    kTagImageDescription = 270,
    kTagXResolution = 282,
    kTagYResolution = 283,
    kTagXPosition = 286,
    kTagYPosition = 287,
    kTagResolutionUnit = 296,
    kTagPageNumber = 297,
    kTagTransferFunction = 301,
    kTagSubIfds = 330,
    kTagXmp = 700,
    kTagIptc = 33723,
    kTagModelPixelScale = 33550,
    kTagModelTiepoint = 33922,
    kTagModelTransformation = 34264,
    kTagIccProfile = 34675,
    kTagExifIfd = 34665,
    kTagGeoKeys = 34735,
    kTagGpsIfd = 34853,
    kTagMakerNote = 37500,
    kTagPixelXDimension = 40962,
    kTagPixelYDimension = 40963,
    kTagInteroperabilityIfd = 40965,
    kTagGdalMetadata = 42112,
    kTagGdalNodata = 42113,
    kTagDngVersion = 50706,
    kTagRpcCoefficients = 50844,
};

/// What becomes of a tag between two TIFF files.
enum class TagFate {
    carried,  ///< as it is, or recomputed
    rebuilt,  ///< it is about how samples are stored: the writer states its own
    apart,    ///< Metadata has a place for it
    lost,     ///< it describes what the result no longer is
};

TagFate fate_of(std::uint16_t tag);

/// "the layers of Photoshop (tag 37724)": a tag in words.
std::string tag_words(std::uint16_t tag);

}  // namespace conv
