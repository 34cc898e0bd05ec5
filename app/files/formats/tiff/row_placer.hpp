#pragma once

#include <cstdint>
#include <vector>

#include "files/formats/tiff/tiff_directory.hpp"
#include "tensor/image.hpp"

namespace conv {

/// Rows of a page from `first` on in an Image of any strides.
struct RowWindow {
    const Image& image;
    std::int64_t first = 0;

    std::int64_t end() const { return first + image.shape.H; }
    /// The sample at picture row y, column x, channel c.
    std::uint8_t* at(std::int64_t y, std::int64_t x, std::int64_t c) const;
};

/// Copies one picture row between windows of the same width, channels and type.
void copy_row(const RowWindow& from, const RowWindow& to, std::int64_t y);

/// Where a run of stored samples of one row belongs.
struct PixelRun {
    std::int64_t y = 0, x = 0, columns = 0;
    std::int64_t plane = 0;  ///< the channel, where planes are stored apart
};

/// Converts stored samples to those of the picture and puts them in their place. Not for several
/// threads at once.
class RowPlacer {
public:
    /// Throws Error{input} for a missing palette.
    RowPlacer(TIFF* tiff, const TiffPage& page, const std::string& name);

    /// True when stored and resulting rows of all channels are the same bytes.
    bool is_copy() const { return page_.form.is_plain() && !page_.is_palette() && together_; }
    void place(const std::uint8_t* stored, const PixelRun& run, const RowWindow& window);
    /// Divides the colours of rows by their alpha, where the page has them multiplied.
    void finish_rows(const RowWindow& window, std::int64_t first, std::int64_t count) const;

private:
    void read_palette(TIFF* tiff, const std::string& name);
    void place_palette(const std::uint8_t* stored, const PixelRun& run, const RowWindow& window);

    TiffPage page_;
    bool together_;
    TiffSampleReader reader_;
    std::vector<std::uint8_t> palette_;  ///< red, green and blue values
    std::vector<std::uint16_t> indices_;
};

}  // namespace conv
