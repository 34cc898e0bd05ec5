#pragma once

#include <memory>

#include "files/file_format.hpp"
#include "files/formats/tiff/tiff_parts.hpp"

namespace conv {

/// Writes pages in order: first the samples of all pages, then their directories, and the header
/// last, so that a file which is cut off is none. BigTIFF where the uncompressed samples may pass
/// what 32-bit offsets reach, or where the input was one.
class TiffFileWriter : public RowFileWriter, public PatchTarget {
public:
    /// `sink` can seek and outlives the writer.
    TiffFileWriter(const ImageDocument& description, std::int64_t pages,
                   const WriteOptions& options, ByteSink& sink);
    ~TiffFileWriter() override;

    std::unique_ptr<RowWriter> add_page(const PageHeader& header) override;
    std::unique_ptr<PatchWriter> add_patched_page(const PageHeader& header,
                                                  const PagePatch& patch) override;
    void finish() override;
    std::optional<PartBlocks> finish_part() override;
    const std::vector<std::string>& notes() const override { return notes_; }

private:
    struct Page;

    TiffLayout layout_of(const PageHeader& header, std::vector<std::string>& notes) const;
    std::unique_ptr<TiffRowWriter> add(const PageHeader& header, const TiffLayout& layout,
                                       std::vector<std::string> notes);
    bool is_big() const;
    TiffTail tail() const;

    std::int64_t page_count_;
    WriteOptions options_;
    ByteSink& sink_;
    std::vector<std::unique_ptr<Page>> pages_;
    std::vector<std::string> notes_;
    std::int64_t sample_bytes_ = 0;
    bool was_big_ = false, big_endian_ = false;
};

/// For FileFormat.
std::unique_ptr<RowFileWriter> create_tiff_rows(const ImageDocument& description,
                                                std::int64_t pages, const WriteOptions& options,
                                                ByteSink& sink);

}  // namespace conv
