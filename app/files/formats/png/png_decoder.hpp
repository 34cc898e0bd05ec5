#pragma once

#include <cstdint>
#include <memory>

#include "files/formats/png/png_chunks.hpp"

namespace conv {

/// libpng, fed with the chunks that it needs alone. Rows come out as 8- or 16-bit grey, RGB or
/// RGBA in memory's byte order.
class PngDecoder {
public:
    /// `samples` is the head of the first chunk of samples, behind which the source stands; both
    /// others outlive this.
    PngDecoder(ByteSource& source, PngChunks& chunks, const ChunkHead& samples);
    ~PngDecoder();
    PngDecoder(const PngDecoder&) = delete;
    PngDecoder& operator=(const PngDecoder&) = delete;

    /// The next row. Throws Error{input} for damaged files.
    void read_row(std::uint8_t* row);
    /// All rows at once, as interlaced pictures need it.
    void read_all(std::uint8_t* rows, std::int64_t row_bytes, std::int64_t height);
    /// After the last row: reads on to the end mark.
    void finish();

    struct State;  ///< for libpng's callbacks

private:
    std::unique_ptr<State> state_;
};

}  // namespace conv
