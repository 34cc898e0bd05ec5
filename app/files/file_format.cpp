#include "files/file_format.hpp"

#include <algorithm>

#include "base/size.hpp"
#include "files/exif.hpp"
#include "files/pixel_rows.hpp"

namespace conv {
namespace {

void refuse_implausible(const std::string& name, std::int64_t held, std::int64_t packed_bytes,
                        std::int64_t best_ratio) {
    if (packed_bytes / best_ratio <= held) return;
    fail(ErrorKind::input,
         "{}: claims {} of samples in a file of {}, it is truncated or its header is damaged", name,
         format_bytes(packed_bytes), format_bytes(held));
}

}  // namespace

void check_not_empty(const std::string& name, const Shape& shape) {
    if (shape.W >= 1 && shape.H >= 1 && shape.C >= 1) return;
    fail(ErrorKind::input, "{}: is an empty picture of {} x {} pixels", name, shape.W, shape.H);
}

void check_declared_size(const std::string& name, const ReadOptions& options,
                         const DeclaredSize& size) {
    check_not_empty(name, {1, size.channels, size.height, size.width});
    const std::int64_t pixels = checked_product({size.width, size.height, size.pages}, name);
    if (pixels > options.max_pixels) {
        fail(ErrorKind::memory, "{}: {} x {} pixels{} are more than the {} of --max-pixels", name,
             size.width, size.height, size.pages > 1 ? fmt::format(" x {} pages", size.pages) : "",
             options.max_pixels);
    }
    const std::int64_t bytes = checked_product({pixels, size.channels, size.sample_bytes}, name);
    if (options.max_memory && bytes > *options.max_memory) {
        fail(ErrorKind::memory, "{}: needs {} decoded, --max-memory allows {}", name,
             format_bytes(bytes), format_bytes(*options.max_memory));
    }
}

void check_declared_size(const FileInput& input, const DeclaredSize& size) {
    check_declared_size(input.name, input.options, size);
}

void check_plausible(const FileInput& input, std::int64_t packed_bytes, std::int64_t best_ratio) {
    refuse_implausible(input.name, static_cast<std::int64_t>(input.bytes.size()), packed_bytes,
                       best_ratio);
}

void check_plausible(const ByteSource& source, std::int64_t packed_bytes, std::int64_t best_ratio) {
    if (source.size()) refuse_implausible(source.name(), *source.size(), packed_bytes, best_ratio);
}

void apply_orientation(ImageDocument& document) {
    const int orientation = reset_exif_orientation(document.metadata.exif);
    if (orientation < 2 || orientation > 8) return;
    for (Image& page : document.pages) page = oriented(std::move(page), orientation);
    if (orientation >= 5) std::swap(document.metadata.x_per_inch, document.metadata.y_per_inch);
    document.notes.push_back(fmt::format("EXIF orientation {} applied", orientation));
}

}  // namespace conv
