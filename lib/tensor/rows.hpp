#pragma once

#include <cstdint>

#include "tensor/image.hpp"

namespace conv {

/// A run of consecutive rows.
struct RowRange {
    std::int64_t first = 0, count = 0;
};

/// What a picture is before any of its samples is read, or written.
struct PictureInfo {
    SampleType type = SampleType::u8;
    Shape shape;             ///< N is 1
    bool has_alpha = false;  ///< the last channel is opacity
    bool planar = false;     ///< bands are best kept one channel after the other, as `.npy` does
};

/// The rows of one picture, decoded in order into bands: Images of the picture's type, channels and
/// width that hold a run of its rows. A picture need never be whole in memory.
class RowReader {
public:
    virtual ~RowReader() = default;
    virtual const PictureInfo& info() const = 0;
    /// Whether read() takes any rows in any order. Else each call begins where the last one ended.
    virtual bool can_seek() const { return false; }
    /// Bytes that the reader itself holds at most: buffers, or the whole picture where its decoder
    /// keeps that (interlaced PNG, progressive JPEG).
    virtual std::int64_t memory_bytes() const = 0;
    /// Decodes `rows` into `band`, whose shape.H is rows.count and whose strides are any. Throws
    /// Error{input} for damaged files; what has been decoded by then is right.
    virtual void read(RowRange rows, const Image& band) = 0;
    /// After the last row: checks what follows it (an end mark, further pictures).
    virtual void finish() {}
};

/// Encodes the rows of one picture.
class RowWriter {
public:
    virtual ~RowWriter() = default;
    /// Whether write() takes rows in any order. Else each call begins where the last one ended.
    virtual bool any_order() const { return false; }
    /// Rows that are encoded together: runs of rows that are written apart begin with a multiple.
    virtual std::int64_t strip_rows() const { return 1; }
    /// Bytes that the writer itself holds at most.
    virtual std::int64_t memory_bytes() const = 0;
    /// Encodes `rows` from `band`, as RowReader::read. Throws Error{input} where the file cannot
    /// take them.
    virtual void write(RowRange rows, const Image& band) = 0;
    /// After the last row: writes the end mark. Without it the output is seen as cut off.
    virtual void finish() = 0;
};

}  // namespace conv
