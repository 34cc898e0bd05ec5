#pragma once

#include "cpu/fft/convolution_parts.hpp"

namespace conv {

/// The first half of the forward transforms: rows of samples into a sheet.
class SheetLoader {
public:
    /// `parts` must outlive this object.
    explicit SheetLoader(const FftParts& parts) : parts_(parts) {}

    /// The transformed rows of channel c of the group, of both units.
    void load(const TileInput& input, std::int64_t c, const FftWorkspace& workspace,
              float* sheet) const;

private:
    void load_rows(const TileInput& input, std::int64_t c, std::int64_t h,
                   const FftWorkspace& workspace) const;

    const FftParts& parts_;
};

}  // namespace conv
