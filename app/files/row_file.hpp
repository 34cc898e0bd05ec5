#pragma once

#include <functional>
#include <memory>
#include <optional>
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

/// Rows of one page that were encoded apart, for files whose rows have no place that is known
/// before all are encoded: blocks in the order in which the file has them.
struct BlockRun {
    std::int64_t page = 0;
    std::vector<std::int64_t> block_bytes;
};

/// What one part of such a file holds.
struct PartBlocks {
    std::int64_t begin = 0;      ///< where the first block of the file lies
    std::vector<BlockRun> runs;  ///< by pages
    std::string tail;            ///< what FileFormat::join needs, the same in all parts
};

/// Appends the bytes of a run, by its number, to the file that is put together.
using CopyRun = std::function<void(std::size_t run)>;

/// An output whose pages are encoded row by row, one page after the other.
class RowFileWriter {
public:
    virtual ~RowFileWriter() = default;
    /// The next page. Appends to notes() what the format cannot carry.
    virtual std::unique_ptr<RowWriter> add_page(const PageHeader& header) = 0;
    /// After the last page.
    virtual void finish() = 0;
    /// Instead, where only a part of the rows was written, those of each page in order: says what
    /// has been appended; nothing where each row has its own place in the file.
    virtual std::optional<PartBlocks> finish_part() {
        finish();
        return std::nullopt;
    }
    virtual const std::vector<std::string>& notes() const = 0;
};

}  // namespace conv
