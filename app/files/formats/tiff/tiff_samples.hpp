#pragma once

#include <cstdint>
#include <vector>

#include "tensor/sample_type.hpp"

namespace conv {

/// How one TIFF sample is stored, and what becomes of it.
struct TiffSampleForm {
    int bits = 8;
    int format = 1;         ///< SAMPLEFORMAT_UINT, _INT or _IEEEFP
    bool inverted = false;  ///< white is zero; integers of up to 16 bits only

    SampleType result() const;
    /// True when stored and resulting bytes are the same.
    bool is_plain() const;
    /// True for the combinations of bits and format that can be read.
    bool is_known() const;
};

/// Where the samples of a row go: pixel x, channel c to out[x * pixel + c * channel], in elements.
struct SampleSteps {
    std::int64_t channels = 1, pixel = 1, channel = 1;
};

/// Converts stored samples of one row to those of the picture.
class TiffSampleReader {
public:
    explicit TiffSampleReader(const TiffSampleForm& form);

    /// Reads `pixels` pixels at `stored`, channels together, as result() samples.
    void read(const std::uint8_t* stored, std::int64_t pixels, void* out,
              const SampleSteps& steps) const;
    /// The unscaled values of `count` samples of up to 16 bits, for palettes.
    void read_indices(const std::uint8_t* stored, std::int64_t count, std::uint16_t* out) const;

private:
    float as_float(std::uint64_t word) const;

    TiffSampleForm form_;
    std::vector<std::uint16_t> scaled_;  ///< full-range value of each stored one, up to 16 bits
};

/// The inverse of the scaling of 9 to 15 bits to 16, and the packing of TIFF: the highest bit
/// first, rows padded to bytes. Writes ceil(count * bits / 8) bytes.
void pack_samples(const std::uint16_t* samples, std::int64_t count, int bits, std::uint8_t* out);

}  // namespace conv
