#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace conv {

/// The cell of a kernel, as written, that sits on the output pixel: column x, row y, from 0.
struct Anchor {
    std::int64_t x = 0, y = 0;
    bool operator==(const Anchor&) const = default;
};

/// One kernel as a file, an inline text or a built-in gives it, before normalisation and scale.
struct Kernel {
    int rank = 2;  ///< 2: R x S, 3: C x R x S, 4: K x C x R x S
    std::int64_t K = 1, C = 1, R = 1, S = 1;
    std::vector<double> values;    ///< K*C*R*S numbers, row-major in that order
    double scale = 1;              ///< the source's own factor: values are multiplied by it
    std::vector<double> bias;      ///< the source's own bias: empty, 1 or K numbers
    std::optional<Anchor> anchor;  ///< the source's own anchor, where it states one
    bool normalize_by_default =
        false;           ///< a point spread function: sums to 1 unless told otherwise
    std::string format;  ///< "plain", "vips", "imagemagick", ...: what it was read as
    std::string name;    ///< the file, the built-in's name or the text, for messages
};

}  // namespace conv
