#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace conv::test {

/// A TIFF file for libtiff to write.
struct TiffSpec {
    std::string name = {};
    std::uint32_t width = 37, height = 29;
    int channels = 1, bits = 8, format = 1;  ///< SAMPLEFORMAT_UINT
    int compression = 1, predictor = 1;      ///< none
    int photometric = 1;                     ///< black is zero
    std::uint32_t tile = 0;                  ///< side; 0: strips
    std::uint32_t rows_per_strip = 5;
    bool separate_planes = false;
    std::vector<std::uint16_t> extra_samples = {};
    std::string mode = "w";  ///< of TIFFOpen: b, l: byte order; 8: BigTIFF
    int orientation = 1;
};

/// The stored sample of each place, before photometric, palette and alpha say what it means.
std::uint64_t stored_sample(const TiffSpec& spec, std::int64_t y, std::int64_t x, std::int64_t c);

/// Writes `pages` pages with libtiff.
void write_with_libtiff(const std::string& path, const TiffSpec& spec, int pages = 1);

}  // namespace conv::test
