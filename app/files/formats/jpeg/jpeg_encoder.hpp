#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "files/formats/jpeg/jpeg_segments.hpp"
#include "files/image_document.hpp"
#include "files/output/byte_sink.hpp"
#include "files/row_file.hpp"

namespace conv {

/// libjpeg into a sink. Quantisation, sampling and progression are those of the header's coding
/// where options leave them; from other formats quality 95, 4:4:4 and one scan.
class JpegEncoder {
public:
    JpegEncoder(const PageHeader& header, const WriteOptions& options, ByteSink& sink);
    ~JpegEncoder();
    JpegEncoder(const JpegEncoder&) = delete;
    JpegEncoder& operator=(const JpegEncoder&) = delete;

    /// Before the first row.
    void write_segment(const JpegSegment& segment);
    /// Grey or R, G, B.
    void write_row(const std::uint8_t* row);
    void finish();
    /// Whether libjpeg keeps all coefficients until finish().
    bool keeps_picture() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace conv
