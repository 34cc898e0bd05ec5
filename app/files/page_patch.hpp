#pragma once

#include <memory>

#include "files/row_file.hpp"

namespace conv {

/// The encoded samples of a page as they lie in its file; a writer of the same format knows more of
/// them.
class EncodedPage {
public:
    virtual ~EncodedPage() = default;
};

/// What a RowFileReader may be besides: one whose pages can be copied in parts, encoded as they
/// are.
class EncodedSource {
public:
    virtual ~EncodedSource() = default;
    /// Null for a page that cannot. It must not outlive the reader.
    virtual std::shared_ptr<const EncodedPage> encoded(std::int64_t page) = 0;
};

/// A page of which a rectangle alone is written anew: column, row, width and height in pixels.
struct PagePatch {
    std::shared_ptr<const EncodedPage> page;
    std::int64_t x = 0, y = 0, width = 0, height = 0;
};

/// A RowWriter of which rows that are never written are those of a patch's page. Rows come in
/// order.
class PatchWriter : public RowWriter {
public:
    /// The rows of the page that are to be made, without this all of it: those of a part. Before
    /// any is written.
    virtual void restrict_to(RowRange rows) = 0;
};

/// What a RowFileWriter may be besides: one that keeps what lies outside of a patch as it is
/// encoded.
class PatchTarget {
public:
    virtual ~PatchTarget() = default;
    /// As RowFileWriter::add_page. Null, and nothing added, where the page would be encoded
    /// otherwise.
    virtual std::unique_ptr<PatchWriter> add_patched_page(const PageHeader& header,
                                                          const PagePatch& patch) = 0;
};

}  // namespace conv
