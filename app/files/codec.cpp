#include "files/codec.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "files/opencv_file.hpp"
#include "files/oriented_rows.hpp"
#include "files/row_document.hpp"

namespace conv {

FileInput whole_input(OpenInput& input, const ReadOptions& options) {
    // No encoded picture needs more than 16 bytes a pixel, its headers and metadata apart.
    constexpr std::int64_t kHeaders = std::int64_t{256} << 20;
    const std::int64_t most = std::min(options.max_pixels, std::int64_t{1} << 50) * 16 + kHeaders;
    FileInput whole;
    whole.name = input.source->name();
    whole.options = options;
    whole.bytes = read_all(*input.source, options.max_memory.value_or(most));
    input.source.reset();
    return whole;
}

std::unique_ptr<RowFileReader> open_row_file(OpenInput& input, const ReadOptions& options,
                                             Codec codec) {
    const FileFormat& format = *input.format;
    if (codec == Codec::opencv) {
        return oriented_file(document_rows(read_with_opencv(format, whole_input(input, options))));
    }
    if (format.open_rows) return oriented_file(format.open_rows(std::move(input.source), options));
    if (codec == Codec::automatic) return nullptr;
    fail(ErrorKind::unsupported,
         "{}: --codec rows: {} is read as a whole picture, use --codec auto", input.source->name(),
         format.holds.name);
}

}  // namespace conv
