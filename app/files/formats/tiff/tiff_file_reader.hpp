#pragma once

#include <memory>

#include "files/file_format.hpp"
#include "files/formats/tiff/page_list.hpp"
#include "files/formats/tiff/tiff_directory.hpp"
#include "files/page_patch.hpp"

namespace conv {

/// Reads all full-size pages of a TIFF or BigTIFF file with libtiff: grey (either sense), RGB,
/// palettes and any further channels; 1- to 16-bit, 32- and 64-bit integer and 16-, 32- and 64-bit
/// float samples. Associated alpha is made straight.
class TiffFileReader final : public RowFileReader, public EncodedSource {
public:
    TiffFileReader(std::unique_ptr<TiffBytes> bytes, int threads);

    const ImageDocument& document() const override { return document_; }
    std::int64_t page_count() const override {
        return static_cast<std::int64_t>(list_.pages.size());
    }
    PageHeader header(std::int64_t page) override;
    std::unique_ptr<RowReader> rows(std::int64_t page) override;
    std::shared_ptr<const EncodedPage> encoded(std::int64_t page) override;
    /// For -v.
    void add_note(std::string note) { document_.notes.push_back(std::move(note)); }

private:
    TiffPage page_at(std::int64_t page) const;

    std::unique_ptr<TiffBytes> bytes_;
    DirectoryParser parser_;
    TiffPageList list_;
    ImageDocument document_;
    int threads_;
};

/// For FileFormat.
std::unique_ptr<RowFileReader> open_tiff_rows(std::unique_ptr<ByteSource> source,
                                              const ReadOptions& options);

}  // namespace conv
