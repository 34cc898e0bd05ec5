#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "files/byte_source.hpp"
#include "files/formats/jpeg/jpeg_segments.hpp"

namespace conv {

/// What a JPEG says before its samples.
struct JpegHeader {
    std::int64_t width = 0, height = 0, channels = 0;
    bool several_scans = false;  ///< the decoder keeps the whole picture
    std::vector<JpegSegment> segments;
    std::optional<JpegCoding> coding;
};

/// libjpeg over a source. What it only warns of and yet means wrong samples is an error here.
class JpegDecoder {
public:
    /// Reads up to the samples. Throws Error{input} for damaged files, {unsupported} by name for
    /// what is no 8-bit grey or colour picture.
    explicit JpegDecoder(ByteSource& source);
    ~JpegDecoder();
    JpegDecoder(const JpegDecoder&) = delete;
    JpegDecoder& operator=(const JpegDecoder&) = delete;

    const JpegHeader& header() const;
    /// The next row as grey or R, G, B.
    void read_row(std::uint8_t* row);
    /// After the last row: reads on to the end mark.
    void finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace conv
