#pragma once

#include <memory>
#include <string>
#include <vector>

#include "files/byte_source.hpp"
#include "files/image_document.hpp"
#include "files/output/byte_sink.hpp"
#include "tensor/rows.hpp"

namespace conv {

/// What belongs to one page of a file besides its rows.
struct PageHeader {
    PictureInfo picture;
    Metadata metadata;
};

/// An input whose pages are decoded row by row, one page after the other.
class RowFileReader {
public:
    virtual ~RowFileReader() = default;
    /// The format and array rank, notes for -v; pages empty.
    virtual const ImageDocument& document() const = 0;
    virtual std::int64_t page_count() const = 0;
    /// Pages in order. Throws as read_image does.
    virtual PageHeader header(std::int64_t page) = 0;
    /// The rows of a page; it must not outlive this object. One page at a time.
    virtual std::unique_ptr<RowReader> rows(std::int64_t page) = 0;
};

/// An output whose pages are encoded row by row, one page after the other.
class RowFileWriter {
public:
    virtual ~RowFileWriter() = default;
    /// The next page. Appends to notes() what the format cannot carry.
    virtual std::unique_ptr<RowWriter> add_page(const PageHeader& header) = 0;
    /// After the last page.
    virtual void finish() = 0;
    virtual const std::vector<std::string>& notes() const = 0;
};

}  // namespace conv
